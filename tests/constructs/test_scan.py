"""`reduction(inscan, ...)` with `scan`: the values that the serial program has in every iteration, and at the end."""

import numpy as np
import pytest
from omply import omp


def inclusive(a):
    n = len(a)
    out = np.zeros(n)
    s = 1.5
    with omp("parallel for reduction(inscan, +: s)"):
        for i in range(n):
            s += a[i]
            omp("scan inclusive(s)")
            out[i] = s
    return out, s


SIZES = [0, 1, 2, 3, 7, 16, 100, 1001]


@pytest.mark.parametrize("n", SIZES)
def test_inclusive(program, n):
    a = np.arange(n) * 0.5
    out, s = program(inclusive, a)
    assert (out == 1.5 + np.cumsum(a)).all()
    assert s == 1.5 + a.sum()


def exclusive(a):
    n = len(a)
    out = np.zeros(n, dtype=np.int64)
    s = 10
    with omp("parallel for reduction(inscan, +: s)"):
        for i in range(n):
            out[i] = s
            omp("scan exclusive(s)")
            s += a[i]
    return out, s


@pytest.mark.parametrize("n", SIZES)
def test_exclusive(program, n):
    a = np.arange(1, n + 1)
    out, s = program(exclusive, a)
    assert (out == 10 + np.cumsum(a) - a).all()
    assert s == 10 + a.sum()


def running_maximum(a):
    n = len(a)
    out = np.zeros(n)
    m = -1.0
    with omp("parallel for reduction(inscan, max: m)"):
        for i in range(2, n, 3):
            m = max(m, a[i])
            omp("scan inclusive(m)")
            out[i] = m
    return out, m


def test_maximum_over_strided_iterations(program):
    a = np.sin(np.arange(500) * 0.37)
    expected, m = omp(mode="serial")(running_maximum)(a)
    out, largest = program(running_maximum, a)
    assert (out == expected).all()
    assert largest == m


def downwards(a):
    n = len(a)
    out = np.zeros(n, dtype=np.int64)
    p = 1
    with omp("parallel for reduction(inscan, *: p)"):
        for i in range(n - 1, -1, -1):
            p *= a[i]
            omp("scan inclusive(p)")
            out[i] = p
    return out, p


def test_downwards(program):
    a = np.array([1, 2, 1, 3, 1, 1, 2, 5, 1, 1, 1, 7] * 3)
    expected, p = omp(mode="serial")(downwards)(a)
    out, product = program(downwards, a)
    assert (out == expected).all()
    assert product == p


def two_variables(a, out, low):
    n = len(a)
    s = 0
    m = 1 << 40
    with omp("parallel"):
        with omp("for reduction(inscan, +: s) reduction(inscan, min: m)"):
            for i in range(n):
                t = a[i] * 2
                s += t
                m = min(m, t)
                omp("scan inclusive(s, m)")
                out[i] = s
                low[i] = m
    return s, m


def test_several_variables_and_a_name_of_the_input_phase(program):
    a = np.arange(200) * 7 % 53
    out, low = np.zeros(200, dtype=np.int64), np.zeros(200, dtype=np.int64)
    s, m = program(two_variables, a, out, low)
    assert (out == np.cumsum(2 * a)).all()
    assert (low == np.minimum.accumulate(2 * a)).all()
    assert (s, m) == (2 * a.sum(), 2 * a.min())


def declared(a, out):
    omp("declare_reduction(first : int : omp_out if omp_out != 0 else omp_in) initializer(omp_priv = 0)")
    n = len(a)
    x = 0
    with omp("parallel for reduction(inscan, first: x)"):
        for i in range(n):
            x = x if x != 0 else a[i]
            omp("scan inclusive(x)")
            out[i] = x
    return x


@pytest.mark.parametrize("at", [0, 3, 17, 39])
def test_operator_that_is_not_commutative(program, at):
    a = np.zeros(40, dtype=np.int64)
    a[at:] = np.arange(at, 40) + 5
    out = np.zeros(40, dtype=np.int64)
    assert program(declared, a, out) == at + 5
    assert (out == np.where(np.arange(40) < at, 0, at + 5)).all()


def input_phase_with_effects(a, seen):
    n = len(a)
    out = np.zeros(n)
    s = 0.0
    with omp("parallel for reduction(inscan, +: s)"):
        for i in range(n):
            seen[i] += 1
            s += a[i]
            omp("scan inclusive(s)")
            out[i] = s
    return out


def test_input_phase_is_executed_once_where_it_can_be_told(program):
    a, seen = np.arange(50.0), np.zeros(50, dtype=np.int64)
    out = program(input_phase_with_effects, a, seen)
    assert (out == np.cumsum(a)).all()
    assert (seen == 1).all()


def collapsed(a):
    n, m = a.shape
    out = np.zeros((n, m))
    s = 0.0
    with omp("parallel for collapse(2) reduction(inscan, +: s)"):
        for i in range(n):
            for j in range(m):
                s += a[i, j]
                omp("scan inclusive(s)")
                out[i, j] = s
    return out, s


def test_collapsed_loops(program):
    a = np.arange(35.0).reshape(5, 7)
    out, s = program(collapsed, a)
    assert (out.ravel() == np.cumsum(a)).all()
    assert s == a.sum()


def of_arrays(n):
    out = np.zeros((n, 3))
    v = np.zeros(3)
    with omp("parallel for reduction(inscan, +: v)"):
        for i in range(n):
            v[i % 3] += i
            omp("scan inclusive(v)")
            out[i, :] = v
    return out, v


def test_array(program):
    expected, total = omp(mode="serial")(of_arrays)(20)
    out, v = program(of_arrays, 20)
    assert (out == expected).all()
    assert (v == total).all()


def in_lanes(a):
    n = len(a)
    out = np.zeros(n)
    s = 0.0
    with omp("simd reduction(inscan, +: s)"):
        for i in range(n):
            s += a[i]
            omp("scan inclusive(s)")
            out[i] = s
    t = 2.0
    last = 0
    with omp("parallel for simd reduction(inscan, +: t) lastprivate(last)"):
        for i in range(n):
            out[i] += t
            omp("scan exclusive(t)")
            t += a[i]
            last = i
    return out, s, t, last


def test_simd(program):
    a = np.arange(100) * 0.25
    out, s, t, last = program(in_lanes, a)
    assert (out == np.cumsum(a) + 2 + np.cumsum(a) - a).all()
    assert (s, t, last) == (a.sum(), 2 + a.sum(), 99)


def initialised(a):
    n = len(a)
    out = np.zeros(n)
    s = 0.0
    scale = 1.0
    with omp("parallel for reduction(inscan, +: s) private(scale)"):
        for i in range(n):
            scale = 2.0
            omp("scan init_complete")
            s += a[i] * scale
            omp("scan inclusive(s)")
            out[i] = s
    return out


def test_initialisation_phase(program):
    a = np.arange(30.0)
    assert (program(initialised, a) == np.cumsum(2 * a)).all()


def twice(a, out):
    n = len(a)
    s = 0.0
    with omp("parallel"):
        for _ in range(3):
            with omp("for reduction(inscan, +: s)"):
                for i in range(n):
                    s += a[i]
                    omp("scan inclusive(s)")
                    out[i] = s
    return s


def test_again_and_again_in_one_region(program):
    a, out = np.ones(60), np.zeros(60)
    assert program(twice, a, out) == 180.0
    assert (out == 120 + np.cumsum(a)).all()


def raising(a):
    n = len(a)
    out = np.zeros(n // 2)
    s = 0.0
    with omp("parallel for reduction(inscan, +: s)"):
        for i in range(n):
            s += a[i]
            omp("scan inclusive(s)")
            out[i] = s
    return s


def test_exception_in_the_scan_phase(program):
    with pytest.raises(IndexError):
        program(raising, np.ones(40))
