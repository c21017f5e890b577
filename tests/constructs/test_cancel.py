"""`cancel` and `cancellation_point`: threads leave the region, all meet at its end, and nothing hangs."""

import numpy as np
import pytest
from omply import omp, omp_get_num_threads, omp_get_thread_num


def left_region(after):
    n = 0
    with omp("parallel shared(n)"):
        with omp("masked"):
            n = omp_get_num_threads()
        omp("barrier")
        if omp_get_thread_num() == n - 1:
            omp("cancel parallel")
            after[omp_get_thread_num()] = 1
        omp("barrier")
        after[omp_get_thread_num()] = 1
    return n


def test_no_thread_goes_on_after_cancelling_the_region(team):
    for _ in range(20):
        after = np.zeros(32, dtype=np.int64)
        assert team(left_region, after) == team.threads
        assert after.sum() == 0


def found(a, wanted):
    place = -1
    with omp("parallel for schedule(dynamic)"):
        for i in range(len(a)):
            if a[i] == wanted:
                with omp("atomic write"):
                    place = i
                omp("cancel for")
            omp("cancellation_point for")
    return place


def test_a_search_ends_when_one_thread_has_found_it(team):
    a = np.arange(20000)
    assert team(found, a, 40) == 40
    assert team(found, a, 19999) == 19999
    assert team(found, a, -5) == -1


def counted(n, stop):
    done = 0
    with omp("parallel shared(done)"):
        with omp("for schedule(static, 1)"):
            for i in range(n):
                if i == stop:
                    omp("cancel for")
                omp("cancellation_point for")
                with omp("atomic"):
                    done += 1
        with omp("for"):
            for i in range(100):
                with omp("atomic"):
                    done += 1000000
    return done


def test_the_loops_after_a_cancelled_one_are_whole(team):
    for _ in range(20):
        done = team(counted, 1000, 0)
        assert done >= 100_000_000
        assert done % 1_000_000 < 1000


def test_a_loop_that_nobody_cancels_is_whole(team):
    assert team(counted, 1000, -1) == 100_001_000


def from_inner_loops(n, out):
    with omp("parallel for schedule(static)"):
        for i in range(n):
            for j in range(10):
                k = 0
                while k < 10:
                    if i == n // 2 and j == 5 and k == 5:
                        omp("cancel for")
                    with omp("critical"):
                        out[i] += 1
                        omp("cancellation_point for")
                    k += 1


def test_a_cancelled_loop_is_left_from_deep_inside(team):
    n = 64
    out = np.zeros(n, dtype=np.int64)
    team(from_inner_loops, n, out)
    assert 0 < out[n // 2] <= 56
    assert out.max() <= 100
    again = np.zeros(n, dtype=np.int64)
    team(from_inner_loops, n, again)  # the critical region is free
    assert again[n // 2] <= 56


def mixed_types(n):
    total = 0.0
    with omp("parallel reduction(+: total)"):
        x = 1
        with omp("for"):
            for i in range(n):
                if i == n - 1:
                    x = 2.5
                    omp("cancel for")
                x = 0
        total += x * 0 + 1
    return total


def test_names_have_one_type_after_a_loop_left_in_the_middle(team):
    assert team(mixed_types, 100) == team.threads


def in_sections(seen):
    with omp("parallel sections"):
        with omp("section"):
            omp("cancel sections")
            seen[0] = 1
        with omp("section"):
            omp("cancel sections if(False)")
            seen[1] = 1


def test_a_cancelled_section_is_left(team):
    for _ in range(20):
        seen = np.zeros(2, dtype=np.int64)
        team(in_sections, seen)
        assert seen[0] == 0


def conditional(n, yes):
    count = 0
    with omp("parallel reduction(+: count)"):
        omp("cancel parallel if(yes)")
        count += 1
    return count


def test_a_false_condition_cancels_nothing(team):
    assert team(conditional, 1, False) == team.threads
    assert team(conditional, 1, True) in range(team.threads)


def test_without_the_environment_variable_nothing_is_cancelled(run_program, mode):
    result = run_program(
        f"""
from omply import omp

@omp(mode={mode!r})
def f(n):
    s = 0
    with omp("parallel for reduction(+: s)"):
        for i in range(n):
            omp("cancel for")
            s += 1
    return s

print(f(1000))
""",
        OMP_CANCELLATION=None,
        OMP_NUM_THREADS=4,
    )
    assert result.stdout == "1000\n", result.stderr


def outside():
    omp("cancel parallel")


def in_single():
    with omp("parallel"):
        with omp("single"):
            omp("cancel for")


def with_nowait():
    with omp("parallel"):
        with omp("for nowait"):
            for _ in range(10):
                omp("cancel for")


def group_in_no_task():
    with omp("taskgroup"):
        omp("cancel taskgroup")


def group_in_a_loop():
    with omp("task"):
        with omp("parallel for"):
            for _ in range(10):
                omp("cancellation_point taskgroup")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (group_in_no_task, "`cancel taskgroup` stands in no task"),
        (group_in_a_loop, "`cancellation_point taskgroup` stands in no task"),
        (outside, "`cancel parallel` stands in no `parallel` construct"),
        (in_single, "`cancel for` stands in no `for` construct"),
        (with_nowait, "`for` has `nowait`, so it cannot be cancelled"),
    ],
)
def test_a_cancellation_out_of_place_is_refused(function, message):
    with pytest.raises(SyntaxError, match=message):
        omp(function)
