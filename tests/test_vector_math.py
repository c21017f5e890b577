"""Mathematical functions in loops that become vector code: how exact they are, special values, and their errors."""

import math

import numpy as np
import pytest
from omply import _core, omp

pytestmark = pytest.mark.skipif(not _core.has_native, reason="built without native mode")


def over(name, arguments=1):
    second = ", b[i]" if arguments == 2 else ""
    numpy_name = {"atan": "arctan", "pow": "power"}.get(name, name)
    text = f"""
def loop(a, b, out):
    with omp("simd"):
        for i in range(len(a)):
            out[i] = np.{numpy_name}(a[i]{second})
"""
    return compiled(text)


def compiled(text):
    import linecache

    filename = f"<vector {hash(text)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    scope = {"omp": omp, "np": np, "math": math}
    exec(compile(text, filename, "exec"), scope)
    return omp(mode="native")(scope["loop"])


def evaluate(name, a, b=None):
    out = np.empty_like(a)
    over(name, 1 if b is None else 2)(a, a if b is None else b, out)
    return out


def worst(name, a, b=None):
    """The largest error in units of the last place, by arithmetic of 64 bits' precision."""
    exact = getattr(np, {"atan": "arctan", "pow": "power"}.get(name, name))
    wide = [x.astype(np.longdouble) for x in (a, b) if x is not None]
    with np.errstate(all="ignore"):
        expected = exact(*wide)
        rounded = expected.astype(np.float64)
    out = evaluate(name, a, b)
    ulp = np.spacing(np.abs(rounded)).astype(np.longdouble)
    finite = np.isfinite(rounded)
    assert np.array_equal(out[~finite], rounded[~finite], equal_nan=True)
    return float(np.max(np.abs(out[finite].astype(np.longdouble) - expected[finite]) / ulp[finite]))


def mixed(low, high, count, seed):
    """Numbers of all sizes between two."""
    random = np.random.default_rng(seed)
    sizes = np.exp(random.uniform(np.log(low), np.log(high), count))
    return sizes * random.choice([-1.0, 1.0], count)


# The library is within 1 ulp of the exact value for each of these.
BOUND = 2.0
RANGES = [
    ("exp", lambda: mixed(1e-300, 745, 40000, 1)),
    ("exp", lambda: np.linspace(-745.2, 709.8, 40001)),
    ("log", lambda: np.abs(mixed(5e-324, 1.7e308, 40000, 2))),
    ("log", lambda: np.linspace(0.5, 2.0, 40001)),
    ("sin", lambda: mixed(1e-300, 1e9, 40000, 3)),
    ("sin", lambda: np.linspace(-20, 20, 40001)),
    ("sin", lambda: mixed(1e9, 1e300, 2000, 4)),
    ("cos", lambda: mixed(1e-300, 1e9, 40000, 5)),
    ("cos", lambda: np.linspace(-20, 20, 40001)),
    ("cos", lambda: np.pi / 2 * np.arange(1, 20001)),
    ("tan", lambda: mixed(1e-300, 1e9, 40000, 6)),
    ("tan", lambda: np.linspace(-20, 20, 40001)),
    ("atan", lambda: mixed(1e-300, 1e300, 40000, 7)),
    ("atan", lambda: np.linspace(-3, 3, 40001)),
    ("tanh", lambda: mixed(1e-300, 400, 40000, 8)),
    ("tanh", lambda: np.linspace(-3, 3, 40001)),
]


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 63, reason="no numbers of higher precision")
@pytest.mark.parametrize(
    ("name", "arguments"), RANGES, ids=[f"{name}{i}" for i, (name, _) in enumerate(RANGES)]
)
def test_error_in_units_of_the_last_place(name, arguments):
    assert worst(name, arguments()) <= BOUND


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 63, reason="no numbers of higher precision")
def test_error_of_powers():
    random = np.random.default_rng(9)
    x = np.abs(mixed(1e-300, 1e300, 40000, 10))
    y = random.uniform(-690, 690, 40000) / np.log(x)
    assert worst("pow", x, y) <= BOUND
    near = 1 + mixed(1e-12, 0.3, 20000, 11)
    assert worst("pow", near, random.uniform(-690, 690, 20000)) <= BOUND
    whole = np.repeat(np.arange(-9.0, 10), 8)
    assert worst("pow", mixed(0.1, 9, len(whole), 12), whole) <= BOUND


SPECIAL = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    math.inf,
    -math.inf,
    math.nan,
    5e-324,
    -5e-324,
    1e308,
    -1e308,
    710.0,
    -800.0,
    0.5,
]


@pytest.mark.parametrize("name", ["exp", "log", "sin", "cos", "tan", "atan", "tanh"])
def test_special_values(name):
    a = np.array(SPECIAL * 8)
    with np.errstate(all="ignore"):
        expected = getattr(np, {"atan": "arctan"}.get(name, name))(a)
    out = evaluate(name, a)
    assert np.allclose(out, expected, rtol=1e-15, atol=0, equal_nan=True)
    number = ~np.isnan(expected)
    assert np.array_equal(np.signbit(out[number]), np.signbit(expected[number]))


def test_special_values_of_powers():
    a, b = (x.ravel() for x in np.meshgrid(SPECIAL, [*SPECIAL, 2.0, 3.0, -3.0]))
    with np.errstate(all="ignore"):
        expected = np.power(a, b)
    out = evaluate("pow", a, b)
    assert np.allclose(out, expected, rtol=1e-15, atol=0, equal_nan=True)
    number = ~np.isnan(expected)
    assert np.array_equal(np.signbit(out[number]), np.signbit(expected[number]))


ERRORS = [
    ("math.sqrt(a[i])", -1.0, ValueError),
    ("math.log(a[i])", 0.0, ValueError),
    ("math.exp(a[i])", 1000.0, OverflowError),
    ("math.sin(a[i])", math.inf, ValueError),
    ("math.pow(a[i], 0.5)", -2.0, ValueError),
    ("1.0 / a[i]", 0.0, ZeroDivisionError),
]


@pytest.mark.parametrize("place", [0, 5, 999])
@pytest.mark.parametrize("directive", ["simd", "parallel for", "parallel for simd"])
@pytest.mark.parametrize(("expression", "wrong", "error"), ERRORS)
def test_an_error_in_one_element_is_raised(directive, expression, wrong, error, place):
    loop = compiled(f"""
def loop(a, out):
    with omp({directive!r}):
        for i in range(len(a)):
            out[i] = {expression}
""")
    a, out = np.full(1000, 2.0), np.zeros(1000)
    loop(a, out)
    assert (out == out[0]).all() and out[0] != 0
    a[place] = wrong
    with pytest.raises(error) as caught:
        loop(a, out)
    assert caught.traceback[-1].lineno + 1 == 5
