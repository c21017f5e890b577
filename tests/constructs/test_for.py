"""`for`: every iteration once under every schedule, loop forms, collapse, lastprivate, nowait."""

import numpy as np
import pytest
from omply import omp, omp_get_num_threads, omp_get_thread_num


def plain(seen):
    with omp("parallel for"):
        for i in range(len(seen)):
            seen[i] += 1


def static(seen):
    with omp("parallel for schedule(static)"):
        for i in range(len(seen)):
            seen[i] += 1


def static_chunk(seen):
    with omp("parallel for schedule(static, 3)"):
        for i in range(len(seen)):
            seen[i] += 1


def dynamic(seen):
    with omp("parallel for schedule(dynamic)"):
        for i in range(len(seen)):
            seen[i] += 1


def dynamic_chunk(seen):
    with omp("parallel for schedule(monotonic: dynamic, 7)"):
        for i in range(len(seen)):
            seen[i] += 1


def guided(seen):
    with omp("parallel for schedule(guided)"):
        for i in range(len(seen)):
            seen[i] += 1


def guided_chunk(seen):
    with omp("parallel for schedule(nonmonotonic: guided, 4)"):
        for i in range(len(seen)):
            seen[i] += 1


def auto(seen):
    with omp("parallel for schedule(auto)"):
        for i in range(len(seen)):
            seen[i] += 1


def runtime(seen):
    with omp("parallel for schedule(runtime)"):
        for i in range(len(seen)):
            seen[i] += 1


SCHEDULES = [plain, static, static_chunk, dynamic, dynamic_chunk, guided, guided_chunk, auto, runtime]


@pytest.mark.parametrize("function", SCHEDULES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("count", [0, 1, 2, 5, 100, 5000])
def test_every_iteration_runs_once(program, function, count):
    seen = np.zeros(count, dtype=np.int64)
    program(function, seen)
    assert seen.tolist() == [1] * count


def owners_static(owner):
    with omp("parallel for schedule(static)"):
        for i in range(len(owner)):
            owner[i] = omp_get_thread_num()


def test_static_gives_each_thread_one_block(team):
    owner = np.full(34, -1, dtype=np.int64)
    team(owners_static, owner)
    assert owner.tolist() == sorted(owner.tolist())
    sizes = np.bincount(owner, minlength=team.threads)
    assert sizes.max() - sizes.min() <= 1 or sizes.max() == -(-34 // team.threads)


def owners_chunk(owner):
    with omp("parallel for schedule(static, 2)"):
        for i in range(len(owner)):
            owner[i] = omp_get_thread_num()


def test_static_chunks_go_round(team):
    owner = np.full(50, -1, dtype=np.int64)
    team(owners_chunk, owner)
    assert owner.tolist() == [i // 2 % team.threads for i in range(50)]


def chunk_from_name(owner, size):
    with omp("parallel for schedule(static, size)"):
        for i in range(len(owner)):
            owner[i] = omp_get_thread_num()


def test_chunk_is_an_expression(team):
    owner = np.full(40, -1, dtype=np.int64)
    team(chunk_from_name, owner, 5)
    assert owner.tolist() == [i // 5 % team.threads for i in range(40)]


def backwards(out, n):
    with omp("parallel for"):
        for i in range(n, -n, -3):
            out[i + n] = i


def test_range_runs_backwards(program):
    out = np.zeros(41, dtype=np.int64)
    program(backwards, out, 20)
    expected = np.zeros(41, dtype=np.int64)
    for i in range(20, -20, -3):
        expected[i + 20] = i
    assert out.tolist() == expected.tolist()


def over_values(values):
    s = 0.0
    with omp("parallel for reduction(+: s)"):
        for v in values:
            s += v
    return s


def test_loop_over_an_array(program):
    values = np.arange(100.0)
    assert program(over_values, values) == 4950.0


def numbered(values):
    s = 0.0
    with omp("parallel for reduction(+: s)"):
        for i, v in enumerate(values):
            s += i * v
    return s


def test_loop_over_enumerate(program):
    values = np.arange(10.0)
    assert program(numbered, values) == float(sum(i * i for i in range(10)))


def zipped(a, b):
    s = 0.0
    with omp("parallel for reduction(+: s)"):
        for x, y in zip(a, b):  # noqa: B905
            s += x * y
    return s


def test_loop_over_zip_ends_with_the_shorter(program):
    assert program(zipped, np.arange(10.0), np.arange(7.0)) == float(sum(i * i for i in range(7)))


def reversed_values(values, out):
    with omp("parallel for"):
        for i, v in enumerate(reversed(values)):
            out[i] = v


def test_loop_over_reversed(program):
    out = np.zeros(50)
    program(reversed_values, np.arange(50.0), out)
    assert out.tolist() == list(range(49, -1, -1))


def collapsed(out):
    rows, columns = out.shape
    with omp("parallel for collapse(2)"):
        for i in range(rows):
            for j in range(columns):
                out[i, j] += i * 100 + j


@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (3, 40), (40, 3), (0, 4), (4, 0)])
def test_collapse_covers_both_loops(program, shape):
    out = np.zeros(shape, dtype=np.int64)
    program(collapsed, out)
    assert out.tolist() == [[i * 100 + j for j in range(shape[1])] for i in range(shape[0])]


def collapsed_three(out):
    a, b, c = out.shape
    with omp("parallel for collapse(3) schedule(dynamic, 2)"):
        for i in range(a):
            for j in range(b):
                for k in range(c):
                    out[i, j, k] += i * 100 + j * 10 + k


def test_collapse_of_three(program):
    out = np.zeros((3, 4, 5), dtype=np.int64)
    program(collapsed_three, out)
    assert out.tolist() == [[[i * 100 + j * 10 + k for k in range(5)] for j in range(4)] for i in range(3)]


def collapsed_owners(owner):
    rows, columns = owner.shape
    with omp("parallel for collapse(2) schedule(static, 1)"):
        for i in range(rows):
            for j in range(columns):
                owner[i, j] = omp_get_thread_num()


def test_collapse_shares_out_the_product(team):
    owner = np.full((5, 7), -1, dtype=np.int64)
    team(collapsed_owners, owner)
    assert owner.ravel().tolist() == [i % team.threads for i in range(35)]


def last_value(n):
    x = -1
    with omp("parallel for lastprivate(x)"):
        for i in range(n):
            x = i * i
    return x


@pytest.mark.parametrize("count", [0, 1, 3, 100])
def test_lastprivate_is_the_last_iterations(program, count):
    assert program(last_value, count) == ((count - 1) ** 2 if count else -1)


def last_variable(n):
    i = -5
    with omp("parallel for lastprivate(i)"):
        for i in range(0, n, 3):
            pass
    return i


def test_lastprivate_loop_variable(program):
    assert program(last_variable, 100) == 99


def both_first_and_last(n):
    x = 7
    with omp("parallel for firstprivate(x) lastprivate(x) schedule(static)"):
        for i in range(n):
            if i == n - 1:
                x = x * 0 + i
    return x


def test_firstprivate_and_lastprivate_together(team):
    assert team(both_first_and_last, 50) == 49


def keeps_outer(n):
    i = 1234
    with omp("parallel for"):
        for i in range(n):
            pass
    return i


def test_outside_loop_variable_keeps_its_value(team):
    assert team(keeps_outer, 20) == 1234


def skipping(seen):
    with omp("parallel for schedule(dynamic, 3)"):
        for i in range(len(seen)):
            if i % 2:
                continue
            seen[i] = 1


def test_continue_goes_on_with_the_next_iteration(program):
    seen = np.zeros(100, dtype=np.int64)
    program(skipping, seen)
    assert seen.tolist() == [1 - i % 2 for i in range(100)]


def two_loops(a, b):
    with omp("parallel"):
        with omp("for nowait schedule(static)"):
            for i in range(len(a)):
                a[i] = i
        with omp("for nowait schedule(static)"):
            for i in range(len(b)):
                b[i] = a[i] * 2


def test_nowait_keeps_the_static_mapping(program):
    a, b = np.zeros(100), np.zeros(100)
    program(two_loops, a, b)
    assert b.tolist() == [2.0 * i for i in range(100)]


def barrier_between(a, b):
    n = len(a)
    with omp("parallel"):
        with omp("for schedule(dynamic)"):
            for i in range(n):
                a[i] = i
        with omp("for schedule(dynamic)"):
            for i in range(n):
                b[i] = a[n - 1 - i]


def test_a_loop_ends_with_a_barrier(program):
    a, b = np.zeros(200), np.zeros(200)
    program(barrier_between, a, b)
    assert b.tolist() == [199.0 - i for i in range(200)]


def private_temporary(a):
    t = 5.0
    with omp("parallel for private(t)"):
        for i in range(len(a)):
            t = a[i]
            a[i] = t * t
    return t


def test_private_leaves_the_original_alone(team):
    a = np.arange(50.0)
    assert team(private_temporary, a) == 5.0
    assert a.tolist() == [float(i * i) for i in range(50)]


def all_threads_meet(count):
    total = 0
    with omp("parallel reduction(+: total)"):
        with omp("for"):
            for i in range(count):
                total += 1
        total += omp_get_num_threads() * 1000
    return total


def test_loop_inside_of_a_region_with_reduction(team):
    assert team(all_threads_meet, 33) == 33 + 1000 * team.threads**2


def reversed_nest(n):
    total = 0
    with omp("parallel for collapse(2) reduction(+: total)"):
        for i in reversed(range(n)):
            for j in reversed(range(4)):
                total += i * 10 + j
    return total


def test_collapsed_loops_may_run_over_reversed_ranges(program):
    assert program(reversed_nest, 9) == sum(i * 10 + j for i in range(9) for j in range(4))
