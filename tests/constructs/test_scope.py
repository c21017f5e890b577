"""`scope`: every thread runs the block once, with its own copies, and reductions are combined at its end."""

import numpy as np
import pytest
from omply import omp, omp_get_num_threads, omp_get_thread_num


def everyone(seen):
    n = 0
    with omp("parallel"):
        with omp("masked"):
            n = omp_get_num_threads()
        with omp("scope"):
            seen[omp_get_thread_num()] += 1
    return n


def test_every_thread_runs_the_block_once(team):
    seen = np.zeros(32, dtype=np.int64)
    assert team(everyone, seen) == team.threads
    assert seen.tolist() == [1] * team.threads + [0] * (32 - team.threads)


def summed(threads):
    s = 100
    with omp("parallel shared(s)"):
        with omp("scope reduction(+: s)"):
            s += omp_get_thread_num() + 1
        threads[omp_get_thread_num()] = s
    return s


def test_a_reduction_is_complete_after_the_block(team):
    expected = 100 + team.threads * (team.threads + 1) // 2
    for _ in range(20):
        threads = np.zeros(team.threads, dtype=np.int64)
        assert team(summed, threads) == expected
        assert threads.tolist() == [expected] * team.threads


def copies(out):
    x = 7
    y = 1
    with omp("parallel shared(x, y)"):
        with omp("scope private(y) firstprivate(x)"):
            y = omp_get_thread_num()
            x += y
            out[y] = x
    return x * 10 + y


def test_copies_start_as_the_clauses_say_and_end_with_the_block(team):
    out = np.zeros(team.threads, dtype=np.int64)
    assert team(copies, out) == 71
    assert out.tolist() == [7 + i for i in range(team.threads)]


def handed_over(marks):
    late = 0
    with omp("parallel reduction(+: late)"):
        n = omp_get_num_threads()
        me = omp_get_thread_num()
        with omp("scope"):
            marks[me] = 1
        for i in range(n):
            late += 1 - marks[i]
    return late


def test_the_block_ends_with_a_barrier(team):
    for _ in range(50):
        assert team(handed_over, np.zeros(team.threads, dtype=np.int64)) == 0


def met_later(marks):
    with omp("parallel"):
        with omp("scope nowait"):
            marks[omp_get_thread_num()] = 1
        omp("barrier")
        with omp("single"):
            marks[0] += 1


def test_nowait_takes_the_barrier_away(program):
    marks = np.zeros(32, dtype=np.int64)
    program(met_later, marks)
    assert marks[0] == 2


def refused():
    with omp("parallel"):
        with omp("single"):
            with omp("scope"):
                pass


def test_a_scope_inside_of_single_is_refused():
    with pytest.raises(SyntaxError, match="`scope` may not stand inside of `single`"):
        omp(refused)
