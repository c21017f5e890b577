"""`allocate`, the clause and the directive: arrays whose memory comes from an OpenMP allocator, aligned as asked, and what
happens when the allocator has none left."""

import numpy as np
import pytest
from omply import (
    omp,
    omp_atk_alignment,
    omp_atk_fallback,
    omp_atk_fb_data,
    omp_atk_pool_size,
    omp_atv_abort_fb,
    omp_atv_allocator_fb,
    omp_atv_default_mem_fb,
    omp_atv_null_fb,
    omp_default_mem_alloc,
    omp_default_mem_space,
    omp_destroy_allocator,
    omp_get_default_allocator,
    omp_get_thread_num,
    omp_high_bw_mem_alloc,
    omp_init_allocator,
    omp_set_default_allocator,
)


@pytest.fixture
def allocator():
    """Makes allocators of the default space from traits, and destroys them after the test."""
    made = []

    def make(**traits):
        keys = {
            "alignment": omp_atk_alignment,
            "fallback": omp_atk_fallback,
            "fb_data": omp_atk_fb_data,
            "pool_size": omp_atk_pool_size,
        }
        pairs = [(keys[name], value) for name, value in traits.items()]
        made.append(omp_init_allocator(omp_default_mem_space, pairs))
        assert made[-1] != 0
        return made[-1]

    yield make
    for handle in made:
        omp_destroy_allocator(handle)


def address(array):
    return array.__array_interface__["data"][0]


def private(a, allocator: int):
    out = a
    with omp("parallel private(a) allocate(allocator(allocator), align(8192): a)"):
        for i in range(len(a)):
            a[i] = i
        with omp("masked"):
            out = a
    return out


def test_private_arrays_come_from_the_allocator(team):
    a = np.ones(1000)
    out = team(private, a, omp_high_bw_mem_alloc)
    assert address(out) % 8192 == 0
    assert out.tolist() == list(range(1000))
    assert a.tolist() == [1.0] * 1000


def test_a_copy_too_large_for_the_pool_is_an_error(team, allocator):
    for fallback in (omp_atv_null_fb, omp_atv_abort_fb):
        small = allocator(pool_size=4096, fallback=fallback)
        with pytest.raises(MemoryError):
            team(private, np.ones(1000), small)


def test_what_the_fallback_gives_is_taken(team, allocator):
    default = allocator(pool_size=4096, fallback=omp_atv_default_mem_fb)
    large = allocator(alignment=16384)
    other = allocator(pool_size=4096, fallback=omp_atv_allocator_fb, fb_data=large)
    for handle, alignment in ((default, 8192), (other, 16384)):
        out = team(private, np.ones(1000), handle)
        assert out.tolist() == list(range(1000))
        assert address(out) % alignment == 0


def firstprivate(a, allocator: int, total):
    with omp("parallel firstprivate(a) allocate(allocator(allocator): a) reduction(+: total)"):
        for i in range(len(a)):
            a[i] += omp_get_thread_num()
            total += a[i]
        total -= len(a) * omp_get_thread_num()
    return total


def test_firstprivate_arrays_start_from_the_value(team, allocator):
    a = np.arange(100.0)
    assert team(firstprivate, a, allocator(pool_size=1 << 20), 0.0) == 4950.0 * team.threads
    assert a.tolist() == list(range(100))


def test_a_pool_is_given_back_with_the_copies(team, allocator):
    handle = allocator(pool_size=team.threads * 2048, fallback=omp_atv_null_fb)
    run = team.decorated(firstprivate)
    for _ in range(10):
        assert run(np.arange(100.0), handle, 0.0) == 4950.0 * team.threads


def test_the_traits_alignment_holds_without_the_modifier(team, allocator):
    def own(a, allocator: int):
        out = a
        with omp("parallel private(a) allocate(allocator: a)"):
            a[:] = 3.0
            with omp("masked"):
                out = a
        return out

    assert address(team(own, np.ones(10), allocator(alignment=32768))) % 32768 == 0


def test_without_an_allocator_it_is_the_tasks_default(team, allocator):
    def own(a):
        out = a
        with omp("parallel private(a) allocate(a) num_threads(1)"):
            a[:] = 3.0
            with omp("masked"):
                out = a
        return out

    before = omp_get_default_allocator()
    omp_set_default_allocator(allocator(alignment=32768))
    try:
        assert address(team(own, np.ones(10))) % 32768 == 0
    finally:
        omp_set_default_allocator(before)


def test_a_number_that_is_no_allocator_is_an_error(team):
    with pytest.raises(ValueError, match="0x3039 is not an allocator"):
        team(private, np.ones(10), 12345)


def test_an_alignment_that_is_no_power_of_two_is_an_error(team):
    def aligned(a, n: int):
        with omp("parallel private(a) allocate(align(n): a)"):
            a[0] = 1.0

    with pytest.raises(ValueError, match="a power of two, not 48"):
        team(aligned, np.ones(10), 48)


def test_numbers_and_other_objects_are_as_without_the_clause(team):
    def numbers(n: int):
        x = 5
        s = 0
        with omp("parallel for firstprivate(x) reduction(+: s) allocate(align(64): x, s)"):
            for i in range(n):
                s += x + i
        return s

    assert team(numbers, 10) == 95


# --- Every construct that takes the clause ---


def tasks(a, allocator: int, out):
    with omp("parallel"):
        with omp("single"):
            for i in range(4):
                with omp(
                    "task firstprivate(a, i) shared(out) allocate(allocator(allocator), align(4096): a)"
                ):
                    a[0] += i
                    out[i] = a[0]
    return out


def test_tasks(team, allocator):
    out = team(tasks, np.ones(1000), allocator(pool_size=1 << 20), np.zeros(4))
    assert out.tolist() == [1.0, 2.0, 3.0, 4.0]
    with pytest.raises(MemoryError):
        team(tasks, np.ones(1000), allocator(pool_size=4096, fallback=omp_atv_null_fb), np.zeros(4))


def taskloops(a, allocator: int, out):
    with omp("parallel"):
        with omp("single"):
            with omp("taskloop num_tasks(4) firstprivate(a) shared(out) allocate(allocator(allocator): a)"):
                for i in range(4):
                    a[0] = i
                    out[i] = a[0] + a[1]
    return out


def loops(a, allocator: int, out):
    with omp("parallel"):
        with omp("for firstprivate(a) allocate(allocator(allocator): a)"):
            for i in range(len(out)):
                a[0] = i
                out[i] = a[0] + a[1]
    return out


def reductions(a, allocator: int, out):
    with omp("parallel for reduction(+: a) allocate(allocator(allocator): a)"):
        for i in range(len(out)):
            a[i] += i
    out[:] = a[: len(out)]
    return out


def distributed(a, allocator: int, out):
    with omp("teams num_teams(2) firstprivate(a) allocate(allocator(allocator): a)"):
        with omp("distribute firstprivate(a) allocate(allocator(allocator): a)"):
            for i in range(len(out)):
                a[0] = i
                out[i] = a[0] + a[1]
    return out


def copies_of_distribute(a, allocator: int, out):
    with omp("teams distribute parallel for private(a) allocate(allocator(allocator): a)"):
        for i in range(len(out)):
            a[0] = i
            a[1] = 1.0
            out[i] = a[0] + a[1]
    return out


def sections(a, allocator: int, out):
    with omp("parallel"):
        with omp("sections firstprivate(a) allocate(allocator(allocator): a)"):
            with omp("section"):
                a[0] = 0
                out[0] = a[0] + a[1]
            with omp("section"):
                a[0] = 1
                out[1] = a[0] + a[1]
    for i in range(2, len(out)):
        out[i] = i + 1
    return out


def singles(a, allocator: int, out):
    with omp("parallel"):
        with omp("single firstprivate(a) allocate(allocator(allocator): a)"):
            for i in range(len(out)):
                a[0] = i
                out[i] = a[0] + a[1]
    return out


def scopes(a, allocator: int, out):
    with omp("parallel"):
        with omp("scope firstprivate(a) allocate(allocator(allocator): a)"):
            with omp("masked"):
                for i in range(len(out)):
                    a[0] = i
                    out[i] = a[0] + a[1]
    return out


def test_constructs_have_their_copies_from_it(team, allocator):
    large = allocator(pool_size=1 << 22, fallback=omp_atv_null_fb)
    for function in (loops, reductions, distributed, copies_of_distribute, sections, singles, scopes):
        out = team(function, np.ones(1000), large, np.zeros(6))
        assert out.tolist() == [i + 1.0 for i in range(6)], function
    assert team(taskloops, np.ones(1000), large, np.zeros(4)).tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "function", [loops, reductions, distributed, copies_of_distribute, sections, singles, scopes, taskloops]
)
def test_constructs_have_no_copies_when_it_has_no_memory(team, allocator, function):
    small = allocator(pool_size=4096, fallback=omp_atv_null_fb)
    with pytest.raises(MemoryError):
        team(function, np.ones(1000), small, np.zeros(4 if function is taskloops else 6))


def test_a_taskgroup_and_a_region_for_a_device_take_the_clause(team):
    def group(n: int):
        s = 0
        with omp("parallel"):
            with omp("single"):
                with omp("taskgroup task_reduction(+: s) allocate(s)"):
                    for i in range(n):
                        with omp("task in_reduction(+: s) firstprivate(i) allocate(s)"):
                            s += i
        return s

    def region(a, n: int):
        s = 0.0
        with omp("target firstprivate(a) map(tofrom: s) allocate(omp_default_mem_alloc: a)"):
            for i in range(n):
                a[i] += 1.0
                s += a[i]
        return s

    assert team(group, 10) == 45
    assert team(region, np.ones(10), 10) == 20.0
    assert omp_default_mem_alloc == 1


# --- The directive ---


def declared(n: int, allocator: int):
    omp("allocate(a, b) allocator(allocator) align(16384)")
    a = np.zeros(n)
    b = a + 2.0
    c = np.ones(n)
    a[0] = c[0]
    return a, b


def test_arrays_of_a_listed_variable_come_from_the_allocator(team):
    a, b = team(declared, 100, omp_high_bw_mem_alloc)
    assert address(a) % 16384 == address(b) % 16384 == 0
    assert a.tolist() == [1.0] + [0.0] * 99
    assert b.tolist() == [2.0] * 100


def test_a_pool_that_is_exhausted_raises_where_the_array_is_made(team, allocator):
    with pytest.raises(MemoryError):
        team(declared, 1000, allocator(pool_size=4096, fallback=omp_atv_null_fb))
    a, _ = team(declared, 1000, allocator(pool_size=4096, fallback=omp_atv_default_mem_fb))
    assert a.shape == (1000,)


def test_an_array_that_exists_keeps_its_memory(team):
    def same(a):
        omp("allocate(b) align(16384)")
        b = a
        b[0] = 5.0
        return b

    a = np.zeros(4)
    assert team(same, a)[0] == a[0] == 5.0


def test_an_array_outlives_its_allocator(team, allocator):
    handle = omp_init_allocator(omp_default_mem_space, [(omp_atk_pool_size, 1 << 20)])
    a, _ = team(declared, 100, handle)
    omp_destroy_allocator(handle)
    a[5] = 7.0
    assert a.sum() == 8.0
