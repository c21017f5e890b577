"""NumPy's scalars next to each other and to Python's numbers: result types and values for every pair of dtypes."""

import itertools

import numpy as np
import pytest

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
DTYPES += ["float16", "float32", "float64", "complex64", "complex128"]
KINDS = {"b": True, "i": -7, "u": 200, "f": 2.5, "c": 1.5 - 2j}
PYTHON = [True, 2, 2.5, 1j]


def scalar(dtype):
    dtype = np.dtype(dtype)
    return dtype.type(KINDS[dtype.kind])


PAIRS = [(scalar(one), scalar(two)) for one, two in itertools.product(DTYPES, DTYPES)]
MIXED = [
    pair
    for dtype, number in itertools.product(DTYPES, PYTHON)
    for pair in ((scalar(dtype), number), (number, scalar(dtype)))
]


def takes(operator, pair):
    """Whether NumPy has the operation; the complaints of both are compared elsewhere."""
    try:
        with np.errstate(all="ignore"):
            eval(f"a {operator} b", {"a": pair[0], "b": pair[1]})
    except (TypeError, OverflowError):
        return False
    return True


@pytest.mark.parametrize("operator", ["+", "*", "/"])
def test_every_pair_of_dtypes(agree, operator):
    within = 1e-3 if operator == "/" else 0.0
    agree.expression(
        f"a {operator} b", "a, b", *[pair for pair in PAIRS if takes(operator, pair)], within=within
    )


@pytest.mark.parametrize("operator", ["-", "//", "%", "&", "<<", "<", "=="])
def test_pairs_of_chosen_dtypes(agree, operator):
    chosen = {"bool", "int8", "int32", "int64", "uint8", "uint64", "float16", "float32", "float64"}
    pairs = [
        (a, b)
        for a, b in PAIRS
        if a.dtype.name in chosen and b.dtype.name in chosen and takes(operator, (a, b))
    ]
    agree.expression(f"a {operator} b", "a, b", *pairs)


@pytest.mark.parametrize("operator", ["+", "*"])
def test_dtypes_next_to_python_numbers(agree, operator):
    # A `complex` takes a `float64`, which is a `float`, for its own: native mode goes by NumPy's rule.
    pairs = [
        pair
        for pair in MIXED
        if takes(operator, pair) and not (type(pair[0]) is complex and isinstance(pair[1], float))
    ]
    agree.expression(f"a {operator} b", "a, b", *pairs)


def test_functions_of_scalars(agree):
    values = [(scalar(dtype),) for dtype in DTYPES]
    reals = [(value,) for (value,) in values if value.dtype.kind != "c"]
    agree.expression("abs(a)", "a", *values, within=1e-6)
    agree.expression("-a", "a", *[(value,) for (value,) in values if value.dtype.kind != "b"])
    agree.expression("int(a)", "a", *reals)
    agree.expression("float(a)", "a", *reals)
    agree.expression("bool(a)", "a", *values)
    agree.expression("complex(a)", "a", *values)
    agree.expression("a.item()", "a", *values)


@pytest.mark.parametrize(
    "name", ["int8", "uint8", "int32", "uint64", "float32", "float16", "complex64", "bool_"]
)
def test_conversions_by_calling_the_dtype(agree, name):
    agree.expression(f"np.{name}(a)", "a", (1,), (0,), (np.int16(5),), (np.float32(2.0),), (True,))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint32", "int64", "uint64"])
def test_integers_wrap(agree, dtype):
    info = np.iinfo(dtype)
    top, bottom, one = np.dtype(dtype).type(info.max), np.dtype(dtype).type(info.min), np.dtype(dtype).type(1)
    agree.expression("(a + b, a * a, b - a, a << b)", "a, b", (top, one), (bottom, one))


def accumulate(a):
    total = a[0]
    for i in range(1, len(a)):
        total = total + a[i]
    return total


@pytest.mark.parametrize("dtype", DTYPES)
def test_sums_stay_in_their_dtype(agree, dtype):
    agree(accumulate, (np.array([1, 1, 0, 1, 1]).astype(dtype),))


def float32_stays(x):
    y = x * 2 + 1
    return y / 3, y**2, y if y > 1 else x


def test_python_literals_do_not_widen(agree):
    agree(float32_stays, (np.float32(1.5),), (np.float16(1.5),), (np.float64(0.1),))
