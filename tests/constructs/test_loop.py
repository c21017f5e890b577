"""`loop`: iterations in any order, divided among the threads that the construct binds to."""

import numpy as np
import pytest
from omply import omp, omp_get_thread_num


def doubled(a, by):
    with omp("parallel"):
        with omp("loop"):
            for i in range(len(a)):
                a[i] *= 2
                by[i] = omp_get_thread_num()


def test_a_loop_in_a_parallel_region_is_divided(team):
    a, by = np.arange(1000.0), np.zeros(1000, dtype=np.int64)
    team(doubled, a, by)
    assert a.tolist() == (np.arange(1000.0) * 2).tolist()
    assert set(by) == set(range(team.threads))


def combined(a):
    s = 0.0
    with omp("parallel loop reduction(+: s) collapse(2)"):
        for i in range(a.shape[0]):
            for j in range(a.shape[1]):
                s += a[i, j]
    return s


def test_a_combined_loop_reduces_over_a_collapsed_nest(program):
    a = np.arange(600.0).reshape(20, 30)
    assert program(combined, a) == a.sum()


def by_each(counts):
    with omp("parallel"):
        me = omp_get_thread_num()
        with omp("loop bind(thread)"):
            for i in range(10):
                counts[me] += i


def test_a_loop_bound_to_the_thread_is_run_by_each(team):
    counts = np.zeros(team.threads, dtype=np.int64)
    team(by_each, counts)
    assert counts.tolist() == [45] * team.threads


def rows(a):
    with omp("parallel for"):
        for i in range(a.shape[0]):
            s = 0.0
            with omp("loop reduction(+: s)"):
                for j in range(1, a.shape[1]):
                    s += a[i, j]
            a[i, 0] = s


def test_a_loop_inside_of_a_divided_loop_is_its_threads(program):
    a = np.ones((17, 40))
    program(rows, a)
    assert a[:, 0].tolist() == [39.0] * 17


def last(n):
    i = -1
    with omp("parallel"):
        with omp("loop lastprivate(i)"):
            for i in range(n):
                pass
    return i


def test_the_loop_variable_keeps_its_last_value(program):
    for n in (1, 2, 100):
        assert program(last, n) == n - 1


def alone(n):
    s = 0
    with omp("loop reduction(+: s)"):
        for i in range(n):
            s += i
    return s


def test_a_loop_without_a_region_around_it_is_run_by_the_thread(program):
    assert program(alone, 100) == 4950


def not_the_loops():
    x = 0
    with omp("parallel loop lastprivate(x)"):
        for i in range(10):
            x = i
    return x


def test_lastprivate_takes_the_loop_variable_only():
    with pytest.raises(SyntaxError, match="`x` is no loop variable of this `loop`"):
        omp(not_the_loops)
