"""Exceptions of native functions: `raise` and `assert`, their messages, and tracebacks that end in the user's line."""

import linecache
import traceback

import numpy as np
import pytest
from omply import omp


class Custom(ValueError):
    pass


def raises(kind):
    if kind == 0:
        raise ValueError("bad value")
    if kind == 1:
        raise ZeroDivisionError
    if kind == 2:
        raise RuntimeError()
    if kind == 3:
        raise Custom("of my own")
    if kind == 4:
        raise KeyError("key")
    if kind == 5:
        raise IndexError("index {0} is not {1}")
    if kind == 6:
        raise NotImplementedError("50% of {} done")
    if kind == 7:
        raise StopIteration
    return kind


def test_raise(agree):
    agree(raises, *[(kind,) for kind in range(9)])


ASSERTS = """
def f(n):
    assert n > 0
    assert n > 1, "must be above one"
    assert n != 5, ""
    return n
"""


def test_assert(agree, from_text):
    # As a text, which pytest does not rewrite.
    agree(from_text(ASSERTS), (0,), (1,), (2,), (5,))


@omp(mode="native")
def innermost(a, i):
    b = a[i]
    return b


@omp(mode="native")
def outermost(a, i):
    c = innermost(a, i)
    return c


def test_the_traceback_needs_no_name_of_a_module():
    text = "def divide(a):\n    return 1.0 / a[0]\n"
    linecache.cache["<nameless>"] = (len(text), None, text.splitlines(True), "<nameless>")
    scope = {}
    exec(compile(text, "<nameless>", "exec"), scope)
    with pytest.raises(ZeroDivisionError) as caught:
        omp(mode="native")(scope["divide"])(np.zeros(1))
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (last.name, last.lineno) == ("divide", 2)


def test_the_traceback_ends_in_the_line_of_the_program():
    with pytest.raises(IndexError) as caught:
        outermost(np.zeros(3), 3)
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert last.filename == __file__
    assert last.name == "innermost"
    assert last.line == "b = a[i]"


LINES = {
    "return a[9]": IndexError,
    "a[-9] = 1.0": IndexError,
    "return 1 // (len(a) - 3)": ZeroDivisionError,
    "return math.sqrt(-1.0 - a[0])": ValueError,
    "return int(a[0] / 0.0 if False else math.inf)": OverflowError,
    "raise KeyError('k')": KeyError,
    "assert len(a) == 9, 'length'": AssertionError,
    "x, y = a": ValueError,
    "a[:] = np.ones(2)": ValueError,
    "return np.zeros(-len(a))": ValueError,
    "return a[::len(a) - 3]": ValueError,
    "return 1 << -len(a)": ValueError,
}


@pytest.mark.parametrize("line", LINES)
def test_every_kind_of_error_stands_on_its_line(from_text, line):
    text = f"def f(a):\n    b = 1\n\n    {line}\n    return b\n"
    function = from_text(text)
    with pytest.raises(LINES[line]) as expected:
        function(np.zeros(3))
    with pytest.raises(LINES[line]) as caught:
        omp(mode="native")(function)(np.zeros(3))
    assert str(caught.value) == str(expected.value) or LINES[line] is ZeroDivisionError
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (last.filename, last.lineno, last.name) == (function.__code__.co_filename, 4, "f")


def test_errors_inside_loops_and_branches_stand_on_their_lines(from_text):
    text = "def f(a, n):\n    s = 0.0\n    for i in range(n):\n        if i > 1:\n            s += a[i]\n        s += a[0]\n    return s\n"
    native = omp(mode="native")(from_text(text))
    with pytest.raises(IndexError, match="index 3 is out of bounds for axis 0 with size 3") as caught:
        native(np.zeros(3), 10)
    assert traceback.extract_tb(caught.value.__traceback__)[-1].lineno == 5
    with pytest.raises(IndexError) as caught:
        native(np.zeros(0), 1)
    assert traceback.extract_tb(caught.value.__traceback__)[-1].lineno == 6


def partial_effects(a, n):
    for i in range(n):
        a[i] = a[i] * 2 + 1


def test_what_came_before_the_error_has_happened(agree):
    agree(partial_effects, (np.arange(5.0), 5), (np.arange(5.0), 9), (np.arange(12.0)[::-2], 9))


def reads_after(a, b, n):
    s = 0.0
    for i in range(n):
        b[i] = i
        s += a[i + 2]
    return s


def test_reads_and_writes_stop_in_order(agree):
    for length in (0, 1, 2, 5, 40):
        agree(
            reads_after, (np.arange(float(length)), np.zeros(60), 50), (np.arange(60.0), np.zeros(length), 50)
        )


@omp(mode="native")
def fine(n):
    return n + 1


def test_a_function_is_usable_after_an_error():
    for _ in range(1000):
        with pytest.raises(IndexError):
            innermost(np.zeros(1), 1)
    assert innermost(np.ones(2), 1) == 1.0
    assert fine(1) == 2


def test_errors_can_be_raised_from_many_threads_at_once():
    from concurrent.futures import ThreadPoolExecutor

    def work(i):
        if i % 2:
            with pytest.raises(IndexError) as caught:
                outermost(np.zeros(i), i + 5)
            return str(caught.value)
        return outermost(np.full(10, i), 3)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(400)))
    assert results[4] == 4
    assert results[7] == "index 12 is out of bounds for axis 0 with size 7"
