"""Calls of other `@omp` functions: recursion, defaults, keywords, closures, constants of modules, routines."""

import sys
import types

import numpy as np
import pytest
from omply import omp, omp_get_max_threads, omp_get_num_threads, omp_get_thread_num, omp_in_parallel

SCALE = 3
OFFSETS = (1, 2.5)
config = sys.modules["native_test_config"] = types.ModuleType("native_test_config")
config.LIMIT = 7


@omp(mode="native")
def square(x):
    return x * x


@omp(mode="native")
def factorial(n):
    return 1 if n <= 1 else n * factorial(n - 1)


@omp(mode="native")
def is_even(n):
    return True if n == 0 else is_odd(n - 1)


@omp(mode="native")
def is_odd(n):
    return False if n == 0 else is_even(n - 1)


@omp(mode="native")
def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def test_recursion():
    assert [factorial(n) for n in (0, 1, 5, 20)] == [1, 1, 120, 2432902008176640000]
    assert ackermann(2, 3) == 9
    assert [is_even(n) for n in (0, 1, 10, 11)] == [True, False, True, False]


@omp(mode="native")
def endless(n) -> int:
    return endless(n + 1) + 1


def test_recursion_without_end_is_an_error():
    for _ in range(2):
        with pytest.raises(RecursionError):
            endless(0)
    assert factorial(5) == 120


@omp(mode="native")
def several_types(a):
    return square(2), square(1.5), square(a[0]), square(1j)


def test_a_callee_is_typed_for_each_call():
    result = several_types(np.array([3], np.int16))
    assert result == (4, 2.25, 9, -1 + 0j)
    assert [type(value) for value in result] == [int, float, np.int16, complex]


@omp(mode="native")
def defaults(a, b=2, c=0.5, *, d=True, e=None):
    return a, b, c, d, e is None


@omp(mode="native")
def calls_with_keywords(x):
    return defaults(x), defaults(x, 1), defaults(x, c=1, b=x), defaults(a=x, d=False), defaults(x, e=3)


def test_defaults_and_keywords():
    assert defaults(1) == (1, 2, 0.5, True, True)
    assert defaults(1, c=3) == (1, 2, 3, True, True)
    assert defaults(1, 5, e=2.5, d=0) == (1, 5, 0.5, 0, False)
    assert calls_with_keywords(7) == (
        (7, 2, 0.5, True, True),
        (7, 1, 0.5, True, True),
        (7, 7, 1, True, True),
        (7, 2, 0.5, False, True),
        (7, 2, 0.5, True, False),
    )


@pytest.mark.parametrize(
    "call", [lambda f: f(), lambda f: f(1, 2, 3, 4), lambda f: f(1, a=1), lambda f: f(1, z=1)]
)
def test_calls_that_do_not_fit_say_what_cpython_says(call):
    with pytest.raises(TypeError) as expected:
        call(defaults.__wrapped__)
    with pytest.raises(TypeError) as got:
        call(defaults)
    assert str(got.value) == str(expected.value)


@omp(mode="native")
def with_globals(x):
    return x * SCALE + OFFSETS[1] + config.LIMIT


def test_constants_of_the_module():
    assert with_globals(2) == 15.5


def test_a_changed_constant_is_seen_by_a_function_compiled_later():
    global SCALE
    before = SCALE
    try:
        SCALE = 10
        assert omp(mode="native")(with_globals.__wrapped__)(2) == 29.5
    finally:
        SCALE = before


def make(factor):
    @omp(mode="native")
    def times(x):
        return x * factor

    return times


def test_closures():
    double, half = make(2), make(0.5)
    assert (double(4), half(4), double(1.5)) == (8, 2.0, 3.0)


class Simulation:
    @staticmethod
    @omp(mode="native")
    def step(x, dt):
        return x + dt

    @omp(mode="native")
    @staticmethod
    def other(x):
        return x + 1


def test_static_methods():
    assert Simulation.step(1.0, 0.5) == 1.5
    assert Simulation().step(1.0, 0.5) == 1.5
    assert Simulation.other(1) == 2


class Body:
    @omp
    def move(self, n):
        total = 0
        with omp("parallel for reduction(+: total)"):
            for i in range(n):
                total += i
        return total


def test_methods_of_objects_run_in_python_mode():
    from omply import OmplyFallbackWarning

    with pytest.warns(OmplyFallbackWarning, match="self"):
        assert Body().move(10) == 45
    assert Body().move(5) == 10


@omp(mode="native")
def modifies(a, i):
    a[i] = square(a[i]) + 1
    return a


@omp(mode="native")
def passes_arrays(a):
    b = modifies(a, 1)
    c = modifies(a[::2], 1)
    b[0] = -1.0
    return b, c


def test_arrays_are_passed_by_reference():
    a = np.arange(5.0)
    b, c = passes_arrays(a)
    assert b is a
    assert a.tolist() == [-1.0, 2.0, 5.0, 3.0, 4.0]
    assert c.tolist() == [-1.0, 5.0, 4.0]


@omp(mode="native")
def teams():
    inside = 0
    with omp("parallel num_threads(2) reduction(+: inside)"):
        if omp_in_parallel() and omp_get_thread_num() < omp_get_num_threads():
            inside += 1
    return omp_get_max_threads(), omp_get_num_threads(), omp_in_parallel(), inside


def test_routines():
    assert teams() == (omp_get_max_threads(), 1, False, 2)


@omp(mode="native")
def orphan(a, i):
    with omp("critical"):
        a[0] += i


@omp(mode="native")
def calls_in_region(n):
    a = np.zeros(1, np.int64)
    with omp("parallel for"):
        for i in range(n):
            orphan(a, i)
    return a[0]


def test_calls_from_regions(threads):
    assert calls_in_region(100) == 4950


@omp(mode="python")
def python_team(n):
    results = [0] * 4
    with omp("parallel num_threads(4)"):
        results[omp_get_thread_num()] = calls_in_region(n)
    return results


def test_native_functions_called_from_a_python_region():
    assert python_team(100) == [4950] * 4
