"""`reduction` with `original(...)`: whether the team shares the original, or each thread's own receives the result."""

import numpy as np
from omply import omp


def private_original(a, out):
    n = len(a)
    with omp("parallel num_threads(4)"):
        s = 1
        with omp("for reduction(original(private), +: s)"):
            for i in range(n):
                s += a[i]
        with omp("critical"):
            out[0] += s
            out[1] += 1
    return out


def test_every_thread_s_original_receives_the_result(team):
    a = np.arange(100)
    total, threads = team(private_original, a, np.zeros(2, dtype=np.int64))
    assert threads >= 1
    assert total == threads * (1 + a.sum())


def several(a, out):
    n = len(a)
    with omp("parallel num_threads(3)"):
        low, high = 1e9, -1e9
        with omp("for reduction(original(private), min: low) reduction(original(private), max: high) nowait"):
            for i in range(n):
                low = min(low, a[i])
                high = max(high, a[i])
        count = 0
        with omp("scope reduction(original(private), +: count)"):
            count += 1
        with omp("critical"):
            out[0] += low
            out[1] += high
            out[2] += count
            out[3] += 1
    return out


def test_operators_and_constructs(team):
    a = np.cos(np.arange(50.0))
    low, high, count, threads = team(several, a, np.zeros(4))
    assert np.isclose(low, threads * a.min())
    assert np.isclose(high, threads * a.max())
    assert count == threads * threads


def shared_original(a):
    s = t = 0
    with omp("parallel for reduction(original(shared), +: s) reduction(default, original(default), +: t)"):
        for i in range(len(a)):
            s += a[i]
            t += 2 * a[i]
    return s, t


def test_shared_original(program):
    a = np.arange(100)
    assert program(shared_original, a) == (4950, 9900)
