"""`simd`, alone and under a worksharing loop."""

import numpy as np
from omply import omp, omp_get_thread_num


def scaled(a, b):
    with omp("simd"):
        for i in range(len(a)):
            b[i] = a[i] * 2.0


def test_simd_loop(program):
    b = np.zeros(100)
    program(scaled, np.arange(100.0), b)
    assert b.tolist() == [2.0 * i for i in range(100)]


def dot(a, b):
    s = 0.0
    with omp("simd reduction(+: s)"):
        for i in range(len(a)):
            s += a[i] * b[i]
    return s


def test_reduction(program):
    assert program(dot, np.arange(50.0), np.ones(50)) == 1225.0


def for_simd(a, b):
    s = 0.0
    with omp("parallel for simd reduction(+: s) schedule(static)"):
        for i in range(len(a)):
            b[i] = a[i] + 1.0
            s += b[i]
    return s


def test_parallel_for_simd(program):
    b = np.zeros(100)
    assert program(for_simd, np.arange(100.0), b) == 5050.0
    assert b.tolist() == [i + 1.0 for i in range(100)]


def private_temporary(a):
    t = 3.0
    with omp("simd private(t)"):
        for i in range(len(a)):
            t = a[i]
            a[i] = t + t
    return t


def test_private(team):
    a = np.arange(20.0)
    assert team(private_temporary, a) == 3.0
    assert a.tolist() == [2.0 * i for i in range(20)]


def loop_variable(a):
    i = 0
    with omp("simd"):
        for i in range(len(a)):
            a[i] = i
    return i


def test_loop_variable_is_lastprivate(program):
    assert program(loop_variable, np.zeros(10)) == 9


def sums(out):
    with omp("parallel"):
        me = omp_get_thread_num()
        for _ in range(50):
            with omp("simd"):
                for i in range(20):
                    out[me] += i


def test_each_thread_of_a_region_has_its_own_loop_variable(team):
    for _ in range(3):
        out = np.zeros(team.threads, dtype=np.int64)
        team(sums, out)
        assert out.tolist() == [50 * 190] * team.threads
