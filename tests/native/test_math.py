"""`math`, `cmath` and the attributes of complex numbers: values, domain errors, ranges."""

import itertools
import math

import pytest

POINTS = [
    0.0,
    -0.0,
    0.25,
    -0.25,
    0.5,
    1.0,
    -1.0,
    2.5,
    -2.5,
    10.0,
    1e-300,
    1e300,
    math.inf,
    -math.inf,
    math.nan,
]
SMOOTH = [
    "sqrt",
    "exp",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
]
SMOOTH += [
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "erf",
    "erfc",
    "gamma",
    "lgamma",
    "fabs",
    "degrees",
    "radians",
    "cbrt",
    "exp2",
]


@pytest.mark.parametrize("name", SMOOTH)
def test_functions_of_one_float(agree, name):
    agree.expression(f"math.{name}(x)", "x", *[(x,) for x in POINTS], within=1e-14)


@pytest.mark.parametrize(
    "name", ["sqrt", "exp", "log", "sin", "atan", "floor", "ceil", "trunc", "fabs", "isnan"]
)
def test_functions_of_an_int(agree, name):
    agree.expression(f"math.{name}(n)", "n", (0,), (1,), (2,), (-1,), (100,), (True,), within=1e-15)


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc"])
def test_rounding_gives_ints(agree, name):
    values = [0.0, 0.5, -0.5, 1.5, -1.5, 1e15, -1e15, math.inf, math.nan]
    agree.expression(f"math.{name}(x)", "x", *[(x,) for x in values])


@pytest.mark.parametrize("name", ["isnan", "isinf", "isfinite"])
def test_predicates(agree, name):
    agree.expression(f"math.{name}(x)", "x", *[(x,) for x in POINTS], (3,))


@pytest.mark.parametrize("name", ["atan2", "copysign", "fmod", "pow", "hypot", "remainder", "nextafter"])
def test_functions_of_two_floats(agree, name):
    points = [0.0, -0.0, 0.5, -1.0, 2.0, 3.0, -2.5, math.inf, -math.inf, math.nan]
    agree.expression(f"math.{name}(x, y)", "x, y", *itertools.product(points, points), within=1e-15)


@pytest.mark.parametrize("text", ["math.gcd(a, b)", "math.factorial(a)", "math.isqrt(a)"])
def test_integer_functions(agree, text):
    agree.expression(text, "a, b", *itertools.product([0, 1, 4, 6, 12, 20, -1, -12], [0, 1, 3, 8, -8]))


def test_logarithms_to_a_base(agree):
    agree.expression(
        "math.log(x, y)", "x, y", (8.0, 2.0), (100.0, 10.0), (5, 3), (0.0, 2.0), (8.0, 1.0), within=1e-15
    )


def test_constants(agree):
    agree.expression("(math.pi, math.e, math.tau, math.inf, -math.inf, math.nan)", "")
    agree.expression("(np.pi, np.e, np.inf, np.nan)", "")


@pytest.mark.parametrize("name", ["exp", "polar", "phase", "isnan", "isinf", "isfinite"])
def test_cmath(agree, from_text, name):
    import cmath

    function = from_text(f"import cmath\n\n\ndef f(z):\n    return cmath.{name}(z)\n")
    assert cmath.exp(0) == 1
    agree(function, (0j,), (1 + 0j,), (1j,), (-1 + 0j,), (3 - 4j,), (2.5,), within=1e-15)


def names_imported_one_by_one(x):
    return sqrt(x) + root(x) * tau


from math import sqrt, tau  # noqa: E402
from math import sqrt as root  # noqa: E402


def test_names_imported_from_math(agree):
    agree(names_imported_one_by_one, (2.0,), (0,), (-1.0,))


def in_a_loop(a):
    total = 0.0
    for i in range(len(a)):
        total += math.sqrt(a[i])
    return total


def test_a_domain_error_in_a_loop(agree):
    import numpy as np

    agree(in_a_loop, (np.array([1.0, 4.0]),), (np.array([1.0, -4.0, 9.0]),))
