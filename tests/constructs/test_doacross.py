"""`ordered(n)` with `ordered doacross`: iterations wait for the ones they name, in one and more dimensions."""

import numpy as np
import pytest
from omply import omp


def recurrence(a):
    with omp("parallel"):
        with omp("for ordered(1) schedule(dynamic, 3)"):
            for i in range(1, len(a)):
                x = a[i] * 2.0
                omp("ordered doacross(sink: i - 1)")
                a[i] = a[i - 1] + x
                omp("ordered doacross(source:)")


def test_a_recurrence_is_computed_in_order(program):
    for n in (1, 2, 300):
        a = np.ones(n)
        program(recurrence, a)
        assert a.tolist() == [1.0 + 2.0 * i for i in range(n)]


def wavefront(a):
    n = a.shape[0]
    m = a.shape[1]
    with omp("parallel for ordered(2) schedule(static, 1)"):
        for i in range(1, n):
            for j in range(1, m):
                omp("ordered doacross(sink: i - 1, j) doacross(sink: i, j - 1)")
                a[i, j] = a[i - 1, j] + a[i, j - 1] + 1
                omp("ordered doacross(source:)")


def test_a_wavefront_reads_only_finished_neighbours(program):
    expected = np.zeros((12, 15), dtype=np.int64)
    for i in range(1, 12):
        for j in range(1, 15):
            expected[i, j] = expected[i - 1, j] + expected[i, j - 1] + 1
    for _ in range(5):
        a = np.zeros((12, 15), dtype=np.int64)
        program(wavefront, a)
        assert a.tolist() == expected.tolist()


def backwards(a):
    with omp("parallel for ordered(1)"):
        for i in range(len(a) - 3, -1, -2):
            omp("ordered doacross(sink: i + 2)")
            a[i] = a[i + 2] + 1
            omp("ordered doacross(source:)")


def test_loops_may_run_backwards_in_steps(program):
    a = np.zeros(101, dtype=np.int64)
    program(backwards, a)
    assert a[::2].tolist() == list(range(50, -1, -1))
    assert a[1::2].sum() == 0


def previous(order):
    n = 0
    with omp("parallel for ordered(1) schedule(dynamic) shared(n)"):
        for i in range(len(order)):
            omp("ordered doacross(sink: omp_cur_iteration - 1)")
            order[i] = n
            n += 1
            omp("ordered doacross(source: omp_cur_iteration)")
    return n


def test_the_previous_iteration_can_be_waited_for(program):
    for _ in range(5):
        order = np.zeros(64, dtype=np.int64)
        assert program(previous, order) == 64
        assert order.tolist() == list(range(64))


def several(a):
    with omp("parallel"):
        for _ in range(12):
            with omp("for ordered(1) nowait"):
                for i in range(1, len(a)):
                    omp("ordered doacross(sink: i - 1)")
                    a[i] += a[i - 1]
                    omp("ordered doacross(source:)")
            omp("barrier")


def test_many_loops_follow_each_other_in_one_region(program):
    a = np.ones(20, dtype=np.int64)
    expected = a.copy()
    for _ in range(12):
        expected = np.cumsum(expected)
    program(several, a)
    assert a.tolist() == expected.tolist()


def failing(n, bad):
    with omp("parallel for ordered(1) schedule(dynamic)"):
        for i in range(n):
            omp("ordered doacross(sink: i - 1)")
            if i == bad:
                raise ValueError("in the middle")
            omp("ordered doacross(source:)")


def test_an_exception_frees_those_who_wait(team):
    for _ in range(5):
        with pytest.raises(ValueError, match="in the middle"):
            team(failing, 200, 77)
    team(failing, 200, -1)


def without_depth(a):
    with omp("parallel for ordered"):
        for i in range(len(a)):
            omp("ordered doacross(sink: i - 1)")


def wrong_depth(a):
    with omp("parallel for ordered(2)"):
        for i in range(len(a)):
            for j in range(3):
                omp("ordered doacross(sink: i - 1)")
                a[i] = j


def over_items(a):
    with omp("parallel for ordered(1)"):
        for i in a:
            omp("ordered doacross(sink: i - 1)")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (without_depth, "does not say how many loops are ordered"),
        (wrong_depth, "an iteration of 2 ordered loops is named by 1 value"),
        (over_items, "have no values that could be named"),
    ],
)
def test_a_dependence_that_names_no_iteration_is_refused(function, message):
    with pytest.raises(SyntaxError, match=message):
        omp(function)
