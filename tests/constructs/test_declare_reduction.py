"""`declare_reduction`: operators of the program's own, at module and function level, on every kind of value."""

import math

import numpy as np
import omply
import pytest
from omply import omp

omp("declare_reduction(longer : str : omp_in if len(omp_in) > len(omp_out) else omp_out) initializer('')")
omp("declare_reduction(largest : float, int : max(omp_out, omp_in)) initializer(omp_priv = omp_orig)")
omp("declare_reduction(append : list : omp_out.extend(omp_in)) initializer(omp_priv = [])")


def by_module(a):
    m = a[0]
    with omp("parallel for reduction(largest: m)"):
        for i in range(len(a)):
            m = max(m, a[i])
    return m


@pytest.mark.parametrize("a", [np.arange(100) % 37, -np.abs(np.linspace(-3, 5, 100))], ids=["int", "float"])
def test_operator_of_the_module_starts_from_the_original(program, a):
    assert program(by_module, a) == a.max()


def by_function(a):
    omp("declare_reduction(absmax : float) combiner(omp_out if omp_out > abs(omp_in) else abs(omp_in))")
    m = 0.0
    with omp("parallel for reduction(absmax: m)"):
        for i in range(len(a)):
            v = abs(a[i])
            m = v if v > m else m
    return m


def test_operator_of_the_function_starts_from_zero(program):
    assert program(by_function, np.array([1.0, -7.5, 3.0, 2.0])) == 7.5


def moments(a):
    omp(
        "declare_reduction(moments : tuple : omp_out = (omp_out[0] + omp_in[0], omp_out[1] + omp_in[1]))"
        " initializer(omp_priv = (0, 0.0))"
    )
    m = (1, 0.5)
    with omp("parallel for reduction(moments: m)"):
        for i in range(len(a)):
            m = (m[0] + 1, m[1] + a[i])
    return m


def test_tuple(program):
    n, total = program(moments, np.arange(101.0))
    assert (n, total) == (102, 5050.5)


def without_initializer(a):
    omp("declare_reduction(both : tuple : (omp_out[0] + omp_in[0], omp_out[1] + omp_in[1]))")
    m = (3, 1.5)
    with omp("parallel for reduction(both: m)"):
        for i in range(len(a)):
            m = (m[0] + 1, m[1] + a[i])
    return m


def test_tuple_without_initializer_starts_from_zeros(program):
    assert program(without_initializer, np.ones(20)) == (23, 21.5)


def elementwise(n, bins):
    omp("declare_reduction(larger : float : max(omp_out, omp_in)) initializer(omp_priv = -1e300)")
    best = np.zeros(bins)
    with omp("parallel for reduction(larger: best)"):
        for i in range(n):
            b = i % bins
            best[b] = max(best[b], float(i * 7 % 31))
    return best


def test_array_of_what_the_operator_is_declared_for(program):
    expected = np.zeros(5)
    for i in range(200):
        expected[i % 5] = max(expected[i % 5], i * 7 % 31)
    assert (program(elementwise, 200, 5) == expected).all()


def elementwise_from_original(n):
    omp("declare_reduction(lower : float : min(omp_out, omp_in)) initializer(omp_priv = omp_orig)")
    best = np.full((3, 4), 50.0)
    with omp("parallel for reduction(lower: best)"):
        for i in range(n):
            best[i % 3, i % 4] = min(best[i % 3, i % 4], float(i * 13 % 101))
    return best


def test_elements_start_from_those_of_the_original(program):
    expected = np.full((3, 4), 50.0)
    for i in range(300):
        expected[i % 3, i % 4] = min(expected[i % 3, i % 4], i * 13 % 101)
    assert (program(elementwise_from_original, 300) == expected).all()


def whole_array(n):
    omp("declare_reduction(sums : np.ndarray : omp_out + omp_in) initializer(omp_priv = 0.0)")
    s = np.ones(4)
    with omp("parallel for reduction(sums: s)"):
        for i in range(n):
            s[i % 4] += i
    return s


def test_operator_for_whole_arrays(program):
    expected = np.ones(4)
    np.add.at(expected, np.arange(100) % 4, np.arange(100))
    assert (program(whole_array, 100) == expected).all()


def several_types(n):
    omp("declare_reduction(total : int : omp_out + omp_in) initializer(omp_priv = 0)")
    omp("declare_reduction(total : float : omp_out + 10 * omp_in) initializer(omp_priv = 0.0)")
    i_total, f_total = 1, 1.0
    with omp("parallel num_threads(3) reduction(total: i_total, f_total)"):
        i_total += 1
        f_total += 1.0
    return i_total, f_total


def test_type_chooses_the_declaration(team):
    threads, scaled = team(several_types, 3)
    assert scaled == 1.0 + 10 * (threads - 1)


def function_over_module(a):
    omp("declare_reduction(largest : float : omp_out + omp_in) initializer(omp_priv = 0.0)")
    m = 0.0
    with omp("parallel for reduction(largest: m)"):
        for i in range(len(a)):
            m += a[i]
    return m


def test_function_comes_before_module(program):
    assert program(function_over_module, np.ones(10)) == 10.0


def symbol(a):
    omp("declare_reduction(+ : tuple : (omp_out[0] + omp_in[0], omp_out[1] + omp_in[1])) initializer((0, 0))")
    m, s = (0, 0), 0
    with omp("parallel for reduction(+: m, s)"):
        for i in range(len(a)):
            m = (m[0] + 1, m[1] + a[i])
            s += a[i]
    return m, s


def test_symbol_declared_for_one_type_keeps_its_meaning_for_others(program):
    assert program(symbol, np.arange(10)) == ((10, 45), 45)


def other_constructs(n):
    omp("declare_reduction(most : int : max(omp_out, omp_in)) initializer(omp_priv = -1)")
    a = b = c = d = e = 0
    with omp("parallel num_threads(2)"):
        with omp("for reduction(most: a)"):
            for i in range(n):
                a = max(a, i)
        with omp("sections reduction(most: b)"):
            with omp("section"):
                b = max(b, 3)
            with omp("section"):
                b = max(b, 8)
        with omp("scope reduction(most: c)"):
            c = max(c, 5)
        with omp("single"):
            with omp("taskloop reduction(most: d)"):
                for i in range(n):
                    d = max(d, 2 * i)
    with omp("simd reduction(most: e)"):
        for i in range(n):
            e = max(e, 3 * i)
    return a, b, c, d, e


def test_every_construct_with_reductions(program):
    assert program(other_constructs, 40) == (39, 8, 5, 78, 117)


def teams(n):
    omp("declare_reduction(most : int : max(omp_out, omp_in)) initializer(omp_priv = -1)")
    m = 0
    with omp("teams distribute parallel for num_teams(2) reduction(most: m)"):
        for i in range(n):
            m = max(m, i)
    return m


def test_teams(program):
    assert program(teams, 100) == 99


def many_threads(n):
    omp(
        "declare_reduction(join : tuple : (omp_out[0] + omp_in[0], max(omp_out[1], omp_in[1]))) initializer((0, 0))"
    )
    m = (0, 0)
    with omp("parallel for reduction(join: m) schedule(dynamic, 1)"):
        for i in range(n):
            m = (m[0] + 1, max(m[1], i))
    return m


def test_nothing_is_lost_among_many_threads(team):
    for _ in range(20):
        assert team(many_threads, 500) == (500, 499)


def quotient(a):
    m = 1.0
    omp_mean = 2.0
    with omp("parallel for reduction(scaled: m)"):
        for i in range(len(a)):
            m += a[i]
    return m * omp_mean


def scale(x):
    return math.fabs(x)


omp("declare_reduction(scaled : float : omp_out + math.fabs(omp_in)) initializer(omp_priv = 0.0)")


def test_combiner_uses_names_of_the_module(program):
    assert program(quotient, np.ones(8)) == 18.0


def shadows(a):
    math = 3
    m = 0.0
    with omp("parallel for reduction(scaled: m)"):
        for i in range(len(a)):
            m += a[i]
    return m + math


def test_names_of_the_function_are_not_meant_by_the_module_s_operators(program):
    assert program(shadows, np.ones(8)) == 11.0


def ordered(n):
    omp("declare_reduction(join : tuple : (omp_out[0] * 31 + omp_in[0],)) initializer((0,))")
    m = (0,)
    with omp("parallel reduction(join: m)"):
        m = (omply.omp_get_thread_num() + 1,)
    return m


def test_reproducible_combination_is_in_the_order_of_threads():
    for mode in ("python", "native"):
        if mode == "native" and not omply._core.has_native:
            continue
        expected = 0
        for thread in range(6):
            expected = expected * 31 + thread + 1
        made = omp(mode=mode, reproducible=True)(ordered)
        omply.omp_set_num_threads(6)
        assert made(6) == (expected,)


# --- Python objects ---


def strings(words):
    longest = ""
    with omp("parallel for reduction(longer: longest)"):
        for i in range(len(words)):
            if len(words[i]) > len(longest):
                longest = words[i]
    return longest


def test_strings(objects):
    words = ["a" * (i * 7 % 40) for i in range(100)]
    assert objects(strings, words) == "a" * 39


def lists(n):
    found = [-1]
    with omp("parallel for reduction(append: found)"):
        for i in range(n):
            found.append(i)
    return found


def test_combiner_without_a_value_changes_the_original(objects):
    assert sorted(objects(lists, 50)) == list(range(-1, 50))


class Stack:
    def __init__(self, items=()):
        self.items = list(items)


def any_object(n):
    omp(
        "declare_reduction(merge : object : Stack(omp_out.items + omp_in.items)) initializer(omp_priv = Stack())"
    )
    stack = Stack([100])
    with omp("parallel for reduction(merge: stack)"):
        for i in range(n):
            stack.items.append(i)
    return sorted(stack.items)


def test_object_stands_for_every_type(objects):
    assert objects(any_object, 30) == [*range(30), 100]


def section(n):
    omp("declare_reduction(larger : float : max(omp_out, omp_in)) initializer(omp_priv = -1.0)")
    best = np.zeros(6)
    with omp("parallel for reduction(larger: best[1:4])"):
        for i in range(n):
            best[1 + i % 3] = max(best[1 + i % 3], float(i))
    return best


def test_section(objects):
    assert list(objects(section, 30)) == [0, 27, 28, 29, 0, 0]


def undeclared_type(n):
    s = "x"
    with omp("parallel for reduction(largest: s)"):
        for i in range(n):
            s = "y"
    return s


def test_type_without_declaration_is_an_error(objects):
    with pytest.raises(TypeError, match=r"reduction\(largest: ...\) is not declared for 'str' objects"):
        objects(undeclared_type, 4)
