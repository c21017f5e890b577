"""NumPy's functions on scalars and, elementwise, on arrays; reductions of arrays."""

import itertools

import numpy as np
import pytest
from omply import omp

POINTS = [0.0, -0.0, 0.5, -0.5, 1.0, 2.5, -2.5, 1e300, np.inf, -np.inf, np.nan]
ONE = [
    "sqrt",
    "cbrt",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
]
ONE += [
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
    "arccosh",
    "arctanh",
    "fabs",
    "floor",
    "ceil",
    "trunc",
    "rint",
    "abs",
    "square",
]
ONE += ["negative", "sign", "reciprocal", "isnan", "isinf", "isfinite", "signbit", "deg2rad", "rad2deg"]


@pytest.mark.parametrize("name", ONE)
def test_functions_of_one_float(agree, name):
    agree.expression(
        f"np.{name}(x)", "x", *[(x,) for x in POINTS], *[(np.float64(x),) for x in POINTS], within=1e-14
    )


@pytest.mark.parametrize("name", ["sqrt", "exp", "sin", "abs", "square", "floor", "sign", "negative"])
def test_functions_keep_narrow_floats(agree, name):
    agree.expression(f"np.{name}(x)", "x", (np.float32(0.5),), (np.float32(2.0),), within=1e-6)


@pytest.mark.parametrize("name", ["sqrt", "exp", "sin", "abs", "square", "sign", "negative", "cbrt"])
@pytest.mark.parametrize("dtype", ["int64", "int32"])
def test_functions_of_integers(agree, name, dtype):
    agree.expression(f"np.{name}(n)", "n", *[(np.dtype(dtype).type(n),) for n in (0, 1, 4, 9)], within=1e-15)


@pytest.mark.parametrize(
    "name", ["arctan2", "hypot", "copysign", "fmod", "minimum", "maximum", "power", "mod", "add"]
)
def test_functions_of_two_floats(agree, name):
    points = [0.0, -0.0, 0.5, -1.5, 2.0, np.inf, -np.inf, np.nan]
    calls = [(np.float64(x), np.float64(y)) for x, y in itertools.product(points, points)]
    if name == "power":
        calls = [call for call in calls if call[1] != 0.5]  # NumPy takes a square root here, also of -inf
    if name in ("minimum", "maximum", "power"):
        calls = [call for call in calls if call[0] != 0]  # the sign of NumPy's zeros depends on the processor
    agree.expression(f"np.{name}(x, y)", "x, y", *calls, within=1e-15)


@pytest.mark.parametrize(
    "text", ["np.sqrt(a)", "np.abs(a)", "np.square(a)", "np.maximum(a, 2.0)", "np.where(a > 2, a, -a)"]
)
def test_functions_of_arrays(agree, text):
    a = np.arange(6.0)
    for array in (a, a.reshape(2, 3), a.reshape(2, 3).T, a[::2], a[:0]):
        agree.expression(text, "a", (array,))


@pytest.mark.parametrize(
    "text",
    ["a.sum()", "np.sum(a)", "a.prod()", "a.min()", "a.max()", "a.mean()", "a.any()", "a.all()", "sum(a)"],
)
@pytest.mark.parametrize("dtype", ["bool", "int8", "int64", "uint16", "float64"])
def test_reductions_of_arrays(agree, text, dtype):
    agree.expression(text, "a", (np.array([1, 0, 1, 1]).astype(dtype),), (np.array([1]).astype(dtype),))


def test_reductions_of_nothing(agree):
    empty = np.zeros(0)
    agree.expression("a.sum()", "a", (empty,))

    @omp(mode="native")
    def least(a):
        return min(a)

    with pytest.raises(ValueError, match="empty"):  # CPython's words differ from version to version
        least(empty)
    for text in ("a.min()", "a.max()"):
        agree.expression(text, "a", (np.ones(2),))


def test_min_and_max_of_an_array(agree):
    agree.expression("(min(a), max(a))", "a", (np.array([3, -1, 2]),), (np.array([3.5, -1.0, 2.0])[::-1],))


@pytest.mark.parametrize("text", ["np.clip(x, -1.0, 1.0)", "np.logical_and(x, 1.0)", "np.logical_not(x)"])
def test_choosing_functions(agree, text):
    agree.expression(text, "x", *[(np.float64(x),) for x in (0.0, 0.5, -3.0, 7.0)])
