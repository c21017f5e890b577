"""The decorator's options: bounds_check, error_model, overflow, reproducible, contract."""

import math

import numpy as np
import pytest
from omply import omp, omp_get_max_threads, omp_set_num_threads


def get(a, i):
    return a[i]


def divide(a, b):
    return a / b, a // b, a % b


def arithmetic(a, b):
    return a + b, a - b, a * b, -a


def test_without_bounds_checks_indices_mean_the_same():
    native = omp(mode="native", bounds_check=False)(get)
    a = np.arange(4.0)
    assert [native(a, i) for i in (0, 3, -1, -4)] == [0.0, 3.0, 3.0, 0.0]


def test_numpys_error_model_divides_by_zero():
    native = omp(mode="native", error_model="numpy")(divide)
    quotient, floor, rest = native(1.0, 0.0)
    assert (quotient, floor) == (math.inf, math.inf) and math.isnan(rest)
    assert native(7.5, 2.0) == (3.75, 3.0, 1.5)
    with np.errstate(all="ignore"):
        expected = divide(np.int64(7), np.int64(0))
    assert native(np.int64(7), np.int64(0)) == expected


def test_pythons_error_model_is_the_default():
    for arguments in ((1.0, 0.0), (1, 0)):
        with pytest.raises(ZeroDivisionError):
            omp(mode="native")(divide)(*arguments)


OVERFLOWING = ["a + b", "a - b", "a * b", "-a", "abs(a)", "a << b", "a ** b", "a // b", "int(a * 2)"]


@pytest.mark.parametrize("text", OVERFLOWING)
def test_overflow_raises_exactly_where_64_bits_do_not_suffice(from_text, text):
    function = from_text(f"def f(a, b):\n    return {text}\n")
    native = omp(mode="native", overflow="raise")(function)
    ends = [2**63 - 1, 2**62, 2**32, 3, 1, -1, -3, -(2**32), -(2**62), -(2**63)]
    for a in ends:
        for b in ends:
            if (text == "a << b" and not 0 <= b <= 200) or (text == "a ** b" and not 0 <= b <= 200):
                continue
            expected = function(a, b)
            if -(2**63) <= expected < 2**63 and (text != "int(a * 2)" or -(2**63) <= a * 2 < 2**63):
                assert native(a, b) == expected, (a, b)
            else:
                with pytest.raises(OverflowError):
                    native(a, b)


def test_overflow_wraps_by_default():
    native = omp(mode="native")(arithmetic)
    assert native(2**63 - 1, 1) == (-(2**63), 2**63 - 2, 2**63 - 1, -(2**63) + 1)


def loop_sum(a):
    total = 0
    for i in range(len(a)):
        total += int(a[i])
    return total


def test_overflow_in_a_loop():
    native = omp(mode="native", overflow="raise")(loop_sum)
    assert native(np.arange(1000)) == 499500
    with pytest.raises(OverflowError):
        native(np.array([2**62, 2**62, 1]))


def static_sums(a):
    total = 0.0
    with omp("parallel for reduction(+: total)"):
        for i in range(len(a)):
            total += a[i]
    return total


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_reproducible_results_are_bitwise_equal(count):
    before = omp_get_max_threads()
    try:
        omp_set_num_threads(count)
        rng = np.random.default_rng(5)
        a = rng.standard_normal(10_007) * 10.0 ** rng.integers(-9, 9, 10_007)
        native = omp(mode="native", reproducible=True)(static_sums)
        results = {native(a) for _ in range(50)}
        assert len(results) == 1
        assert math.isclose(results.pop(), math.fsum(a), rel_tol=1e-6)
    finally:
        omp_set_num_threads(before)


def test_reproducible_with_one_thread_is_the_serial_result():
    before = omp_get_max_threads()
    try:
        omp_set_num_threads(1)
        a = np.random.default_rng(6).standard_normal(5000)
        assert omp(mode="native", reproducible=True)(static_sums)(a) == static_sums(a)
    finally:
        omp_set_num_threads(before)


def fused(a, b, c):
    return a * b + c


def test_without_contraction_products_are_rounded():
    x = 1.0 + 2.0**-30
    assert omp(mode="native", contract=False)(fused)(x, x, -1.0) == fused(x, x, -1.0)


@pytest.mark.parametrize(
    "options",
    [
        {"error_model": "c"},
        {"overflow": "ignore"},
        {"unknown": True},
        {"mode": "fast"},
        {"bounds_check": "no", "overflow": 3},
    ],
)
def test_options_that_mean_nothing_are_errors(options):
    with pytest.raises((TypeError, ValueError)):
        omp(**{"mode": "native", **options})(get)
