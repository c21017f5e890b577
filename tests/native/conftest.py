"""Native functions next to the same functions run by CPython: results, types, errors and changed arguments must agree."""

import copy
import itertools
import linecache
import math
import warnings

import numpy as np
import pytest
from omply import _core, omp, omp_get_max_threads, omp_set_num_threads

SERIAL = itertools.count()
# Errors whose text differs between versions of CPython.
TEXT_VARIES = (ZeroDivisionError,)


@pytest.fixture(autouse=True)
def native_mode():
    if not _core.has_native:
        pytest.skip("built without native mode")


@pytest.fixture(params=[1, 2, 4])
def threads(request):
    before = omp_get_max_threads()
    omp_set_num_threads(request.param)
    yield request.param
    omp_set_num_threads(before)


def same(one, two, within=0.0):
    """Equal in type and value; NaN equals NaN, and zeros differ by their sign. `within`: a relative error of floats."""
    if type(one) is not type(two):
        return False
    if isinstance(one, (tuple, list)):
        return len(one) == len(two) and all(same(a, b, within) for a, b in zip(one, two, strict=True))
    if isinstance(one, np.ndarray):
        if one.dtype != two.dtype or one.shape != two.shape:
            return False
        return np.array_equal(one, two, equal_nan=one.dtype.kind in "fc")
    if isinstance(one, (complex, np.complexfloating)):
        return same(one.real, two.real, within) and same(one.imag, two.imag, within)
    if isinstance(one, (float, np.floating)):
        if math.isnan(one) or math.isnan(two):
            return math.isnan(one) and math.isnan(two)
        if one == two:
            return math.copysign(1, one) == math.copysign(1, two)
        return abs(one - two) <= within * max(abs(one), abs(two))
    return one == two


def outcome(function, arguments):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return function(*arguments)
        except Exception as error:
            return error


def agrees(expected, got, within):
    if not isinstance(expected, Exception):
        return same(expected, got, within)
    if type(expected) is not type(got):
        return False
    return isinstance(expected, TEXT_VARIES) or str(expected) == str(got)


class Agree:
    """`agree(function, (1, 2), (3, 4))` calls a function with each tuple of arguments, by CPython and natively."""

    def __call__(self, function, *calls, within=0.0, **options):
        native = omp(mode="native", **options)(function)
        for call in calls or [()]:
            for_python, for_native = copy.deepcopy(call), copy.deepcopy(call)
            expected, got = outcome(function, for_python), outcome(native, for_native)
            assert agrees(expected, got, within), f"{call}: expected {expected!r}, got {got!r}"
            assert same(for_python, for_native), f"{call}: expected {for_python!r}, got {for_native!r}"
        return native

    def expression(self, text, names, *calls, **keywords):
        """The same for a function that returns an expression over parameters."""
        return self(function_of(f"def f({names}):\n    return {text}\n"), *calls, **keywords)


def function_of(text):
    """A function from its text, with a file of its own that its source can be read from."""
    filename = f"<text {next(SERIAL)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    scope = {"np": np, "math": math, "omp": omp, "__name__": __name__}
    exec(compile(text, filename, "exec"), scope)
    return scope["f"]


@pytest.fixture
def agree():
    return Agree()


@pytest.fixture
def from_text():
    return function_of
