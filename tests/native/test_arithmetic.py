"""Operators and builtin functions on Python's own numbers: rounding, signs, infinities, and the errors."""

import itertools

import pytest

INTS = [0, 1, -1, 2, -2, 3, -3, 7, -7, 2**31, -(2**40)]
FLOATS = [0.0, -0.0, 0.5, -1.5, 2.0, -3.0, 7.25, 1e300, 5e-324, float("inf"), float("-inf"), float("nan")]
COMPLEXES = [0j, 1 + 2j, -3.5j, 2 + 0j, -1.5 + 0.25j]


def pairs(*groups):
    return list(itertools.product(*groups))


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "//", "%", "&", "|", "^"])
def test_operators_on_ints(agree, operator):
    small = [n for n in INTS if abs(n) < 2**31]
    agree.expression(f"a {operator} b", "a, b", *pairs(small, small))


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "//", "%"])
def test_operators_on_floats(agree, operator):
    agree.expression(f"a {operator} b", "a, b", *pairs(FLOATS, FLOATS))


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "//", "%"])
def test_operators_on_mixed_numbers(agree, operator):
    agree.expression(f"a {operator} b", "a, b", *pairs(INTS, FLOATS), *pairs(FLOATS, INTS))


@pytest.mark.parametrize("operator", ["+", "-", "*", "==", "!="])
def test_operators_on_complex_numbers(agree, operator):
    agree.expression(
        f"a {operator} b", "a, b", *pairs(COMPLEXES, COMPLEXES), *pairs(COMPLEXES, [2, 0.5, True])
    )


def test_complex_division(agree):
    agree.expression("a / b", "a, b", *pairs(COMPLEXES, COMPLEXES), within=1e-15)


@pytest.mark.parametrize(
    "operator", ["+", "-", "*", "/", "//", "%", "&", "|", "^", "<<", ">>", "**", "<", "=="]
)
def test_operators_on_bools(agree, operator):
    booleans = [True, False]
    agree.expression(
        f"a {operator} b", "a, b", *pairs(booleans, booleans), *pairs(booleans, [2]), *pairs([3], booleans)
    )


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">=", "==", "!="])
def test_comparisons(agree, operator):
    agree.expression(
        f"a {operator} b", "a, b", *pairs(INTS, INTS), *pairs(FLOATS, FLOATS), *pairs(INTS, FLOATS)
    )


@pytest.mark.parametrize(
    "text", ["a < b < c", "a <= b != c > a", "a == b == c", "not a < b", "a < b and b < c or c < a"]
)
def test_chains_of_comparisons(agree, text):
    agree.expression(text, "a, b, c", *pairs([1, 2, 3], [1, 2, 2.5], [2, 3, 0.5]))


def middle_once(n):
    seen = 0
    for i in range(n):
        if 0 < (seen := seen + i) < 10 < (seen := seen * 2):
            seen += 100
    return seen


def test_a_chain_evaluates_its_middle_once_and_stops_early(agree):
    agree(middle_once, *[(n,) for n in range(12)])


@pytest.mark.parametrize("text", ["a and b", "a or b", "not a", "a if b else a", "a and b or a"])
def test_boolean_operators_give_operands(agree, text):
    agree.expression(
        text,
        "a, b",
        *pairs([0, 1, -2], [0, 3]),
        *pairs([0.0, -0.0, 1.5], [2.5]),
        *pairs([True, False], [True]),
    )


def test_operands_of_different_types_join(agree, from_text):
    from omply import omp

    either = omp(mode="native")(from_text("def f(a, b):\n    return a or b\n"))
    assert either(0, 2.5) == 2.5
    assert (either(3, 2.5), type(either(3, 2.5))) == (3.0, float)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 4, 5, 10])
def test_int_powers(agree, exponent):
    agree.expression(f"a ** {exponent}", "a", *[(n,) for n in (0, 1, -1, 2, -3, 10)])
    agree.expression("a ** b", "a, b", *[(n, exponent) for n in (0, 1, -1, 2, -3, 10)])


def test_negative_constant_powers_are_floats(agree):
    agree.expression("a ** -1", "a", (2,), (-4,), (0,), (0.5,), (0.0,))
    agree.expression("2 ** -3", "")


def test_float_powers(agree):
    bases = [0.0, -0.0, 1.0, 2.0, 0.5, float("inf"), float("-inf"), float("nan")]
    agree.expression(
        "a ** b", "a, b", *pairs(bases, [0.0, 1.0, 2.0, -1.0, 0.5, float("inf"), float("-inf"), float("nan")])
    )
    agree.expression(
        "a ** b", "a, b", *pairs([-2.0, -0.5], [0.0, 1.0, 2.0, 3.0, -1.0, float("inf"), float("-inf")])
    )


def test_powers_that_leave_the_type_are_errors(from_text):
    from omply import omp

    power = omp(mode="native")(from_text("def f(a, b):\n    return a ** b\n"))
    with pytest.raises(ValueError, match="negative int"):
        power(2, -1)
    with pytest.raises(ValueError, match="complex"):
        power(-8.0, 0.5)


@pytest.mark.parametrize("operator", ["<<", ">>"])
def test_shifts(agree, operator):
    agree.expression(f"a {operator} b", "a, b", *pairs([0, 1, -1, 5, -5], [0, 1, 7, 40, -1]))
    agree.expression("a >> b", "a, b", *pairs([5, -5], [63, 64, 100]))


@pytest.mark.parametrize(
    "text", ["-a", "+a", "~a", "abs(a)", "int(a)", "float(a)", "bool(a)", "round(a)", "complex(a)"]
)
def test_functions_of_an_int(agree, text):
    agree.expression(text, "a", *[(n,) for n in INTS], (True,), (False,))


@pytest.mark.parametrize(
    "text", ["-a", "+a", "abs(a)", "int(a)", "bool(a)", "round(a)", "complex(a)", "a.is_integer()"]
)
def test_functions_of_a_float(agree, text):
    halves = [0.5, 1.5, 2.5, -0.5, -2.5, 3.7, -3.7, 1e18, -1e18]
    agree.expression(text, "a", *[(x,) for x in [*halves, *FLOATS] if abs(x) < 1e19 or x - x != 0])


@pytest.mark.parametrize(
    "text", ["a.real", "a.imag", "a.conjugate()", "abs(a)", "-a", "bool(a)", "a ** 2", "not a"]
)
def test_functions_of_a_complex_number(agree, text):
    agree.expression(text, "a", *[(z,) for z in COMPLEXES], within=1e-15)


@pytest.mark.parametrize("text", ["min(a, b)", "max(a, b)", "min(a, b, 2)", "max((a, b))", "min(b, a)"])
def test_min_and_max(agree, text):
    agree.expression(text, "a, b", *pairs([0, 1, 3], [1, 2]))


def test_min_and_max_of_floats_keep_the_first_of_equals(agree):
    for text in ("min(a, b)", "max(a, b)", "max(b, a)", "min(a, b, a)"):
        agree.expression(text, "a, b", *pairs(FLOATS, FLOATS))


def test_divmod(agree):
    agree.expression("divmod(a, b)", "a, b", *pairs(INTS, INTS), *pairs(FLOATS, FLOATS), *pairs(INTS, FLOATS))


@pytest.mark.parametrize("text", ["a / b", "a // b", "a % b", "divmod(a, b)"])
@pytest.mark.parametrize("one", [1, 1.5, True])
def test_division_by_zero_raises(agree, text, one):
    agree.expression(text, "a, b", (one, 0), (one, 0.0), (one, False))


def test_constants_fold_as_cpython_computes(agree):
    texts = [
        "7 // -2",
        "-7 % 3",
        "7 % -3",
        "7.5 // -2",
        "-7.5 % 2",
        "0.1 + 0.2",
        "1 / 3",
        "5 and 0.0",
        "True + True",
    ]
    for text in [
        *texts,
        "2 ** 62",
        "not 3",
        "1 // 0",
        "1.0 / 0",
        "1 % 0",
        "1e400",
        "None",
        "1_000 * 3",
        "1j * 1j",
        "(1, 2.5, None)",
    ]:
        agree.expression(text, "")


def test_the_ends_of_64_bits(agree):
    agree.expression("a", "a", (2**63 - 1,), (-(2**63),))
    agree.expression("a - 1", "a", (2**63 - 1,), (-(2**63) + 1,))


def test_identity_and_membership(agree):
    agree.expression("(a is None, a is not None)", "a", (None,), (1,), (0.0,))
    agree.expression("(a in (1, 2, 3), a not in (1, 2))", "a", (1,), (3,), (4,))
