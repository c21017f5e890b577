"""`declare_simd`: functions with vector versions, called from loops that may become vector code."""

import math

import numpy as np
import pytest
from omply import OmplySyntaxError, _core, omp

omp("declare_simd(named) notinbranch")


@omp
@omp("declare_simd uniform(scale) notinbranch")
def quotient(x: float, y: float, scale: float) -> float:
    return scale * math.sqrt(x) / y


@omp("declare_simd simdlen(4)")
@omp
def polynomial(x):
    s = 1.0
    for k in range(6):
        s = s * x + k
    if x > 2.0:
        return s
    return -s


@omp
def named(x, y):
    return x - y


@omp
@omp("declare_simd linear(i) uniform(table, n) aligned(table: 8)")
def looked_up(table, i: int, n: int) -> float:
    s = 0.0
    for k in range(n):
        s += table[(i + k) % len(table)]
    return s


@omp
@omp("declare_simd linear(i: 2) inbranch")
@omp("declare_simd linear(x: ref) linear(i: uval)")
def stepped(x: float, i: int) -> float:
    return x * i


@omp
@omp("declare_simd")
def halved(x: np.float32) -> np.float32:
    return x * np.float32(0.5)


@omp
@omp("declare_simd uniform(out) linear(i)")
def put(out, i: int, x: float):
    out[i] = x + i


def quotients(a, b, out, scale):
    with omp("simd"):
        for i in range(len(a)):
            out[i] = quotient(a[i], b[i], scale)


def team_quotients(a, b, out, scale):
    with omp("parallel for simd schedule(static, 7)"):
        for i in range(len(a)):
            out[i] = quotient(a[i], b[i], scale)


def polynomials(a, out):
    with omp("simd simdlen(8)"):
        for i in range(len(a)):
            out[i] = polynomial(a[i])


def sums(a, b):
    s = 0.0
    with omp("parallel for simd reduction(+: s)"):
        for i in range(len(a)):
            if a[i] > 3.0:
                s += polynomial(a[i]) + named(a[i], b[i])
    return s


def lookups(table, out):
    with omp("simd"):
        for i in range(len(out)):
            out[i] = looked_up(table, i, 3)


def steps(a, out):
    with omp("simd"):
        for i in range(len(a)):
            out[i] = 0.0
            if a[i] > 5.0:
                out[i] = stepped(a[i], 2 * i)


def halves(a, out):
    with omp("simd"):
        for i in range(len(a)):
            out[i] = halved(a[i])


def puts(a, out):
    with omp("simd"):
        for i in range(len(a)):
            put(out, i, a[i])


@pytest.mark.parametrize("loop", [quotients, team_quotients])
@pytest.mark.parametrize("n", [0, 1, 7, 64, 1003])
def test_uniform_parameters(program, loop, n):
    a, b, out = np.arange(1.0, n + 1), np.arange(2.0, n + 2), np.zeros(n)
    program(loop, a, b, out, 3.0)
    assert np.allclose(out, 3.0 * np.sqrt(a) / b, rtol=1e-15, atol=0)


def test_a_function_with_branches_and_a_short_loop(program):
    a = np.linspace(-4, 4, 101)
    out = np.zeros(101)
    program(polynomials, a, out)
    expected = [polynomial.__wrapped__(x) for x in a.tolist()]
    assert np.allclose(out, expected, rtol=1e-13, atol=1e-13)


def test_calls_under_a_condition_in_a_reduction(program):
    a, b = np.arange(20.0), np.ones(20)
    expected = sum(polynomial.__wrapped__(x) + x - 1.0 for x in a.tolist() if x > 3.0)
    assert program(sums, a, b) == pytest.approx(expected, rel=1e-14)


def test_linear_uniform_and_aligned_parameters(program):
    table, out = np.arange(10.0), np.zeros(37)
    program(lookups, table, out)
    assert out.tolist() == [sum(table[(i + k) % 10] for k in range(3)) for i in range(37)]


def test_linear_steps_by_value_and_by_reference(program):
    a, out = np.arange(30.0), np.zeros(30)
    program(steps, a, out)
    assert out.tolist() == [2.0 * i * i if i > 5 else 0.0 for i in range(30)]


def test_floats_of_four_bytes(program):
    a, out = np.arange(50, dtype=np.float32), np.zeros(50, dtype=np.float32)
    program(halves, a, out)
    assert out.tolist() == [i / 2 for i in range(50)]


def test_functions_without_a_result(program):
    a, out = np.arange(50.0), np.zeros(50)
    program(puts, a, out)
    assert out.tolist() == [2.0 * i for i in range(50)]


@pytest.mark.parametrize("loop", [quotients, team_quotients])
def test_errors_in_vector_versions_are_raised(program, loop):
    a, b, out = np.arange(1.0, 101), np.ones(100), np.zeros(100)
    b[77] = 0.0
    with pytest.raises(ZeroDivisionError, match=r"division by zero"):
        program(loop, a, b, out, 1.0)
    a[50], b[77] = -1.0, 1.0
    with pytest.raises(ValueError, match=r"math domain error|expected a nonnegative input"):
        program(loop, a, b, out, 1.0)
    a[50] = 1.0
    program(loop, a, b, out, 1.0)
    assert np.allclose(out, np.sqrt(a))


@omp
@omp("declare_simd notinbranch")
def large(x: float, y: float) -> float:
    for _ in range(8):
        x = x * y + 1.0 / (1.0 + x * x)
        y = y * 0.5 + math.sqrt(1.0 + x * x)
        x = x - y * 0.25 + x * y * 0.125
        y = y + x * x * 0.0625 - x / (2.0 + y * y)
        x = x / (3.0 + y * y) + y / (4.0 + x * x)
        y = y / (5.0 + x * x) + x / (6.0 + y * y)
        x = x / (7.0 + y * y) + y / (8.0 + x * x)
        y = y / (9.0 + x * x) + x / (10.0 + y * y)
    return x + y


def larges(a, b, out):
    with omp("simd"):
        for i in range(len(a)):
            out[i] = large(a[i], b[i])


def test_a_large_function_is_called_for_several_iterations_at_once(program):
    a, b, out = np.arange(100.0), np.ones(100), np.zeros(100)
    program(larges, a, b, out)
    expected = [large.__wrapped__(float(i), 1.0) for i in range(100)]
    assert np.allclose(out, expected, rtol=1e-12)


MISTAKES = [
    ("declare_simd uniform(sclae)", "`sclae` is no parameter of `f`", "scale"),
    ("declare_simd(g)", "`declare_simd` stands at `f`, not at `g`", "f"),
    ("declare_simd linear(q: 2)", "`q` is no parameter of `f`", "lists? parameters"),
]


@pytest.mark.skipif(not _core.has_native, reason="built without native mode")
@pytest.mark.parametrize(("text", "message", "advice"), MISTAKES)
def test_mistakes_are_reported(tmp_path, text, message, advice, monkeypatch):
    path = tmp_path / "wrong.py"
    path.write_text(
        f"from omply import omp\n\n@omp\n@omp({text!r})\ndef f(x, scale):\n    return x * scale\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(OmplySyntaxError, match=message) as caught:
        __import__("wrong")
    assert __import__("re").search(advice, str(caught.value))
