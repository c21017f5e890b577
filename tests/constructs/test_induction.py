"""`induction`, `declare_induction` and `linear`: variables whose value follows from the iteration's number."""

import numpy as np
from omply import omp

omp("declare_induction(twisted : int) inductor(omp_var - omp_step) collector(omp_step * omp_idx)")


def added(n, step):
    out = np.zeros(n, dtype=np.int64)
    v = 5
    with omp("parallel for induction(step(step), +: v)"):
        for i in range(n):
            out[i] = v
            v += step
    return out, v


def test_sum(program):
    out, v = program(added, 40, 3)
    assert (out == 5 + 3 * np.arange(40)).all()
    assert v == 5 + 3 * 40


def multiplied(n, q):
    out = np.zeros(n)
    v = 2.0
    with omp("parallel for induction(relaxed, step(q), *: v) schedule(dynamic, 2)"):
        for i in range(n):
            out[i] = v
            v *= q
    return out, v


def test_product(program):
    out, v = program(multiplied, 30, 1.5)
    assert np.allclose(out, 2 * 1.5 ** np.arange(30), rtol=1e-14)
    assert np.isclose(v, 2 * 1.5**30, rtol=1e-14)


def powers(n):
    out = np.zeros(n, dtype=np.int64)
    v = 1
    with omp("parallel for induction(strict, step(3), *: v)"):
        for i in range(n):
            out[i] = v
            v *= 3
    return out, v


def test_product_of_integers_is_exact(program):
    out, v = program(powers, 30)
    assert [int(x) for x in out] == [3**i for i in range(30)]
    assert v == 3**30


def declared(n):
    out = np.zeros(n, dtype=np.int64)
    v = 100
    with omp("parallel for induction(step(2), twisted: v)"):
        for i in range(n):
            out[i] = v
            v -= 2
    return out, v


def test_declared_operator(program):
    out, v = program(declared, 25)
    assert (out == 100 - 2 * np.arange(25)).all()
    assert v == 50


def floating(n, h):
    out = np.zeros(n)
    x = 1.0
    with omp("parallel"):
        with omp("for induction(step(h * 2), +: x)"):
            for i in range(n):
                out[i] = x
                x += h * 2
    return out


def test_step_is_an_expression_of_the_enclosing_scope(program):
    assert (program(floating, 33, 0.25) == 1 + 0.5 * np.arange(33)).all()


def two_variables(n, m):
    out = np.zeros((n, m), dtype=np.int64)
    v, w = 0, 1
    with omp("parallel for collapse(2) induction(step(1), +: v) induction(step(-1), *: w)"):
        for i in range(n):
            for j in range(m):
                out[i, j] = v * w
                v += 1
                w *= -1
    return out, v, w


def test_collapsed_loops(program):
    out, v, w = program(two_variables, 5, 7)
    k = np.arange(35)
    assert (out.ravel() == np.where(k % 2 == 0, k, -k)).all()
    assert (v, w) == (35, -1)


def lanes(n, step):
    out = np.zeros(n, dtype=np.int64)
    v = 3
    with omp("simd induction(step(step), +: v)"):
        for i in range(n):
            out[i] = v
            v += step
    w = v
    with omp("parallel for simd induction(step(step), +: w)"):
        for i in range(n):
            out[i] += w
            w += step
    return out, v, w


def test_simd(program):
    out, v, w = program(lanes, 30, 2)
    assert (out == 3 + 2 * np.arange(30) + 63 + 2 * np.arange(30)).all()
    assert (v, w) == (63, 123)


def linear_step(a, step):
    n = len(a) // step
    s = 0
    k = 0
    with omp("parallel for linear(k: step) reduction(+: s)"):
        for i in range(n):
            s += a[k]
            k += step
    j = 1
    with omp("simd linear(j: step(step + 0)) reduction(+: s)"):
        for i in range(n):
            s += a[j]
            j += step
    return s, k, j


def test_linear_with_a_step_that_is_no_literal(program):
    a = np.arange(60)
    assert program(linear_step, a, 3) == (a[::3].sum() + a[1::3].sum(), 60, 61)
