"""Arrays made by native functions: the creating functions, their dtypes and shapes, and conversions."""

import numpy as np
import pytest


@pytest.mark.parametrize("function", ["zeros", "ones"])
@pytest.mark.parametrize(
    "arguments", ["n", "(n, 2)", "(2, n, 3)", "n, np.int32", "n, dtype=np.float32", "(n,), dtype=bool"]
)
def test_zeros_and_ones(agree, function, arguments):
    agree.expression(f"np.{function}({arguments})", "n", (0,), (1,), (5,))


@pytest.mark.parametrize(
    "dtype",
    ["np.int8", "np.uint64", "np.float16", "np.complex64", "complex", "int", "float", "bool", "np.bool_"],
)
def test_dtypes(agree, dtype):
    agree.expression(f"np.ones(3, dtype={dtype})", "")
    agree.expression(f"np.zeros((2, 2), {dtype})", "")


@pytest.mark.parametrize(
    "arguments",
    ["n, 2", "n, 2.5", "(2, n), 1j", "n, 3, np.uint8", "n, True", "n, x", "n, x, dtype=np.float32"],
)
def test_full(agree, arguments):
    agree.expression(f"np.full({arguments})", "n, x", (3, 7), (0, 2.5))


@pytest.mark.parametrize(
    "text",
    ["np.zeros_like(a)", "np.ones_like(a)", "np.full_like(a, 3)", "np.empty_like(a).shape", "a.copy()"],
)
def test_like(agree, text):
    for a in (
        np.zeros(3),
        np.zeros((2, 3), np.int16),
        np.zeros((2, 3)).T,
        np.zeros(6)[::2],
        np.zeros((0, 2), complex),
    ):
        agree.expression(text, "a", (a,))


def test_empty(agree):
    agree.expression("np.empty((n, 3), np.float32).shape", "n", (4,), (0,))


@pytest.mark.parametrize("arguments", ["n", "2, n", "n, 2, -1", "0, n, 3", "n, dtype=np.float64"])
def test_arange(agree, arguments):
    agree.expression(f"np.arange({arguments})", "n", (0,), (1,), (7,))


def test_negative_sizes_are_errors(agree):
    agree.expression("np.zeros(n)", "n", (-1,), (2,))
    agree.expression("np.ones((2, n))", "n", (-3,), (2,))


def test_sizes_beyond_memory_are_errors(from_text):
    from omply import omp

    native = omp(mode="native")(from_text("def f(n):\n    return np.zeros((n, n))\n"))
    for n in (2**31, 2**33, 2**62):
        with pytest.raises((MemoryError, ValueError)):
            native(n)
    assert native(2).shape == (2, 2)


@pytest.mark.parametrize("dtype", ["np.int32", "np.float32", "float", "complex", "bool", "np.uint8"])
def test_astype(agree, dtype):
    agree.expression(f"a.astype({dtype})", "a", (np.array([0, 1, 100]),), (np.array([0.0, 1.5, 99.9]),))


def layout(a):
    b = np.zeros_like(a)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            b[i, j] = a[i, j] * 2
    return b


def test_results_keep_the_layout(agree):
    from omply import omp

    a = np.arange(6.0).reshape(2, 3)
    agree(layout, (a,), (np.asfortranarray(a),))
    assert omp(mode="native")(layout)(np.asfortranarray(a)).flags.f_contiguous


def made_in_a_loop(n):
    total = 0.0
    for i in range(n):
        a = np.ones(100)
        a[i % 100] = i
        b = a
        total += b[0] + b[i % 100]
    return total


def test_arrays_made_in_loops_are_freed(agree):
    agree(made_in_a_loop, (1000,))
