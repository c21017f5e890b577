"""Clauses that say how a construct is carried out, and data-sharing clauses on constructs whose own tests do not need them."""

import numpy as np
from omply import omp, omp_get_num_teams, omp_get_thread_limit

base = 5
omp("threadprivate(base)")


# --- atomic, critical, flush


def memory_orders(n: int) -> tuple:
    a = b = c = d = e = 0
    with omp("parallel for"):
        for i in range(n):
            with omp("atomic seq_cst"):
                a += i
            with omp("atomic acq_rel hint(omp_sync_hint_contended)"):
                b += i
            with omp("atomic release memscope(all)"):
                c += i
            with omp("atomic relaxed"):
                d += i
            with omp("atomic read acquire"):
                seen = d
            with omp("atomic update"):
                e += 0 * seen + i
    return a, b, c, d, e


def test_atomic_updates_of_every_memory_order_are_complete(program):
    assert program(memory_orders, 200) == (19900,) * 5


def largest(values) -> int:
    best = -1
    with omp("parallel for"):
        for i in range(len(values)):
            with omp("atomic compare seq_cst fail(relaxed) memscope(device)"):
                if best < values[i]:
                    best = values[i]
    return best


def test_comparing_updates_with_an_order_for_failure(program):
    values = np.random.default_rng(1).permutation(300)
    assert program(largest, values) == 299


def weakly(n: int) -> int:
    x = 0
    with omp("parallel for"):
        for i in range(n):
            done = False
            while not done:
                with omp("atomic read"):
                    old = x
                with omp("atomic compare capture weak"):
                    done = x == old
                    if done:
                        x = old + 1
    return x


def test_a_weak_exchange_that_is_repeated_counts_every_time(program):
    assert program(weakly, 60) == 60


def hinted(n: int) -> int:
    total = 0
    with omp("parallel for"):
        for i in range(n):
            with omp("critical(sum) hint(omp_sync_hint_contended)"):
                total += i
    return total


def test_critical_with_a_hint_excludes_the_others(program):
    assert program(hinted, 100) == 4950


def flushed(n: int) -> int:
    ready = 0
    value = 0
    with omp("parallel sections num_threads(2)"):
        with omp("section"):
            value = n
            omp("flush release")
            with omp("atomic write"):
                ready = 1
        with omp("section"):
            omp("flush acquire")
            omp("flush acq_rel memscope(device)")
            omp("flush seq_cst")
    return value + ready


def test_flushes_of_every_kind(program):
    assert program(flushed, 6) == 7


# --- loops


def doubled(a):
    n = len(a)
    with omp("teams num_teams(2)"):
        with omp("distribute order(concurrent)"):
            for i in range(n):
                a[i] = a[i] * 2


def copied(a, offset, scratch):
    n = len(a)
    with omp("teams num_teams(2)"):
        with omp("distribute firstprivate(offset) private(scratch)"):
            for i in range(n):
                scratch = i + offset
                a[i] = scratch
    return offset


def test_distribute_in_any_order_and_with_copies(program):
    a = np.arange(20)
    program(doubled, a)
    assert a.tolist() == [2 * i for i in range(20)]
    assert program(copied, a, 7, 0) == 7
    assert a.tolist() == [i + 7 for i in range(20)]


def any_order(a, x):
    with omp("parallel"):
        with omp("loop order(concurrent) private(x)"):
            for i in range(len(a)):
                x = i * 3
                a[i] = x


def test_loop_with_a_private_variable(program):
    a = np.zeros(30, dtype=np.int64)
    program(any_order, a, -1)
    assert a.tolist() == [3 * i for i in range(30)]


def in_turn(n: int) -> int:
    x = 1
    with omp("parallel for ordered schedule(dynamic)"):
        for i in range(n):
            with omp("ordered threads"):
                x = (x * 3 + i) % 1009
    return x


def in_turn_by_lane(n: int) -> int:
    x = 1
    with omp("simd"):
        for i in range(n):
            with omp("ordered simd"):
                x = (x * 3 + i) % 1009
    return x


def test_ordered_blocks_of_threads_and_of_lanes(program):
    expected = 1
    for i in range(50):
        expected = (expected * 3 + i) % 1009
    assert program(in_turn, 50) == expected
    assert program(in_turn_by_lane, 50) == expected


def lengths(a, b):
    n = len(a)
    with omp("simd safelen(8) simdlen(4) aligned(a) nontemporal(b)"):
        for i in range(n):
            b[i] = a[i] + 1.0


def stepped(a, n: int) -> tuple:
    at = 3
    last = 0
    with omp("simd linear(at: 2) lastprivate(last) if(n > 4)"):
        for i in range(n):
            a[i] = at
            last = i * 10
            at += 2
    return at, last


def flattened(a):
    rows, columns = a.shape
    with omp("simd collapse(2)"):
        for i in range(rows):
            for j in range(columns):
                a[i, j] += 10 * i + j


def test_simd_lengths_alignment_and_nontemporal_stores(program):
    a, b = np.arange(40.0), np.zeros(40)
    program(lengths, a, b)
    assert b.tolist() == [i + 1.0 for i in range(40)]


def test_simd_with_linear_and_lastprivate_variables(program):
    for n in (2, 9):
        a = np.zeros(n, dtype=np.int64)
        assert program(stepped, a, n) == (3 + 2 * n, 10 * (n - 1))
        assert a.tolist() == [3 + 2 * i for i in range(n)]


def test_simd_over_collapsed_loops(program):
    a = np.zeros((5, 7), dtype=np.int64)
    program(flattened, a)
    assert a.tolist() == [[10 * i + j for j in range(7)] for i in range(5)]


# --- sections, single


def sections_with_copies(x, y, out):
    with omp("parallel"):
        with omp("sections firstprivate(x) private(y) nowait"):
            with omp("section"):
                y = x + 1
                out[0] = y
            with omp("section"):
                y = x + 2
                out[1] = y


def test_sections_with_copies_and_without_a_barrier(program):
    out = np.zeros(2, dtype=np.int64)
    program(sections_with_copies, 10, -1, out)
    assert out.tolist() == [11, 12]


def single_with_a_copy(t, out):
    with omp("parallel"):
        with omp("single private(t)"):
            t = 4
            out[0] += t * 2


def test_single_with_a_private_variable(program):
    out = np.zeros(1, dtype=np.int64)
    program(single_with_a_copy, 1, out)
    assert out[0] == 8


# --- taskloop, task


def task_copies(a, t, offset):
    n = len(a)
    with omp("parallel"):
        with omp("single"):
            with omp("taskloop default(shared) shared(a) private(t) firstprivate(offset)"):
                for i in range(n):
                    t = i * 2
                    a[i] = t + offset
            with omp("task default(none) shared(a) firstprivate(n)"):
                a[n - 1] = -1


def test_data_sharing_of_tasks(program):
    a = np.zeros(12, dtype=np.int64)
    program(task_copies, a, 0, 1)
    assert a.tolist() == [2 * i + 1 for i in range(11)] + [-1]


# --- teams


def league(seen, x, t, wide):
    with omp(
        "teams num_teams(2) default(none) shared(seen) private(t) firstprivate(x) thread_limit(2) if(wide)"
    ):
        t = x * 2
        with omp("atomic"):
            seen[0] += t // t
        with omp("atomic write"):
            seen[1] = omp_get_num_teams()
        with omp("atomic write"):
            seen[2] = omp_get_thread_limit()


def test_teams_with_copies_a_limit_and_a_condition(team):
    for wide, teams in ((True, 2), (False, 1)):
        seen = np.zeros(3, dtype=np.int64)
        team(league, seen, 3, 0, wide)
        assert seen.tolist() == [teams, teams, 2]


# --- copyin, cancellation points


def copies_in(out):
    global base
    base = 8
    with omp("parallel num_threads(3) copyin(base)"):
        with omp("atomic"):
            out[0] += base


def test_copyin_gives_every_thread_the_value(team):
    out = np.zeros(1, dtype=np.int64)
    team(copies_in, out)
    assert out[0] == 24


def cancelled_region(flag, out):
    with omp("parallel"):
        if flag:
            omp("cancel parallel")
        omp("cancellation_point parallel")
        with omp("atomic"):
            out[0] += 1


def cancelled_sections(flag, out):
    with omp("parallel num_threads(1)"):
        with omp("sections"):
            with omp("section"):
                if flag:
                    omp("cancel sections")
                omp("cancellation_point sections")
                out[0] += 1
            with omp("section"):
                omp("cancellation_point sections")
                out[0] += 10


def test_cancellation_points_of_regions_and_sections(team):
    for flag in (False, True):
        out = np.zeros(1, dtype=np.int64)
        team(cancelled_region, flag, out)
        assert out[0] == (0 if flag else team.threads)
        out = np.zeros(1, dtype=np.int64)
        team(cancelled_sections, flag, out)
        assert out[0] == (0 if flag else 11)


# --- promises


def promised(a):
    omp("assumes absent(task) contains(simd) holds(len(a) > 0) no_openmp_constructs no_parallelism")
    omp("begin assumes absent(task) contains(simd) holds(len(a) > 1) no_openmp")
    omp("begin assumes no_openmp_constructs no_openmp_routines no_parallelism")
    n = len(a)
    with omp("assume absent(task) contains(simd) no_openmp_constructs no_openmp_routines no_parallelism"):
        with omp("simd"):
            for i in range(n):
                a[i] += 1


def test_promises_that_are_kept_change_nothing(program):
    a = np.arange(5)
    program(promised, a)
    assert a.tolist() == [1, 2, 3, 4, 5]


# --- target


def moved(a, here):
    n = len(a)
    omp("target enter data map(to: a) device(0) if(here) nowait depend(out: a) priority(1)")
    omp("taskwait")
    with omp("target map(tofrom: a) priority(1) default(shared)"):
        for i in range(n):
            a[i] += 1
    omp("target update from(a) device(0) if(here) priority(1)")
    omp("target exit data map(from: a) device(0) if(here) nowait depend(in: a) priority(1)")
    omp("taskwait")
    with omp("target data map(tofrom: a) device(0) if(here)"):
        with omp("target device_type(any)"):
            for i in range(n):
                a[i] *= 2


def test_clauses_of_constructs_that_move_data(program):
    for here in (True, False):
        a = np.arange(6)
        program(moved, a, here)
        assert a.tolist() == [2 * (i + 1) for i in range(6)]


def of_any_threads(a):
    n = len(a)
    with omp("parallel masked taskloop threadset(omp_team)"):
        for i in range(n):
            a[i] = i * i


def test_a_taskloop_for_the_threads_of_the_team(program):
    a = np.zeros(9, dtype=np.int64)
    program(of_any_threads, a)
    assert a.tolist() == [i * i for i in range(9)]
