"""`reduction`: every operator, on scalars of every kind and on arrays."""

import numpy as np
import omply
import pytest
from omply import omp


def add(a):
    s = 10
    with omp("parallel for reduction(+: s)"):
        for i in range(len(a)):
            s += a[i]
    return s


def multiply(a):
    s = 2
    with omp("parallel for reduction(*: s)"):
        for i in range(len(a)):
            s *= a[i]
    return s


def subtract(a):
    s = 10
    with omp("parallel for reduction(-: s)"):
        for i in range(len(a)):
            s -= a[i]
    return s


def bit_and(a):
    s = 0b111111
    with omp("parallel for reduction(&: s)"):
        for i in range(len(a)):
            s &= a[i]
    return s


def bit_or(a):
    s = 1
    with omp("parallel for reduction(|: s)"):
        for i in range(len(a)):
            s |= a[i]
    return s


def bit_xor(a):
    s = 5
    with omp("parallel for reduction(^: s)"):
        for i in range(len(a)):
            s ^= a[i]
    return s


INTEGERS = np.array([3, 7, 11, 19, 2, 6, 35, 1, 9, 27], dtype=np.int64)


@pytest.mark.parametrize(
    "function", [add, subtract, multiply, bit_and, bit_or, bit_xor], ids=lambda f: f.__name__
)
def test_integer_operators(program, function):
    expected = omp(mode="serial")(function)(INTEGERS)
    assert program(function, INTEGERS) == expected


def smallest(a):
    m = 1e300
    with omp("parallel for reduction(min: m)"):
        for i in range(len(a)):
            m = min(m, a[i])
    return m


def largest(a):
    m = -1e300
    with omp("parallel for reduction(max: m)"):
        for i in range(len(a)):
            if a[i] > m:
                m = a[i]
    return m


def test_min_and_max(program):
    a = np.random.default_rng(3).random(1000)
    assert program(smallest, a) == a.min()
    assert program(largest, a) == a.max()


def integer_min(a):
    m = 50
    with omp("parallel for reduction(min: m)"):
        for i in range(len(a)):
            m = min(m, a[i])
    return m


def test_min_takes_the_original_into_account(program):
    assert program(integer_min, INTEGERS) == 1
    assert program(integer_min, INTEGERS + 1000) == 50


def all_positive(a):
    ok = True
    with omp("parallel for reduction(and: ok)"):
        for i in range(len(a)):
            ok = ok and a[i] > 0
    return ok


def any_negative(a):
    found = False
    with omp("parallel for reduction(||: found)"):
        for i in range(len(a)):
            found = found or a[i] < 0
    return found


def test_logical_operators(program):
    assert program(all_positive, INTEGERS)
    assert not program(all_positive, INTEGERS - 5)
    assert not program(any_negative, INTEGERS)
    assert program(any_negative, INTEGERS - 5)


def complex_sum(a):
    s = 0j
    with omp("parallel for reduction(+: s)"):
        for i in range(len(a)):
            s += a[i] * 1j
    return s


def test_complex_sum(program):
    assert program(complex_sum, np.arange(100.0)) == 4950j


def several(a):
    s, t, p = 0.0, 0, 1.0
    with omp("parallel for reduction(+: s, t) reduction(*: p)"):
        for i in range(len(a)):
            s += a[i]
            t += i
            p *= 1.0
    return s, t, p


def test_several_variables(program):
    assert program(several, np.arange(100.0)) == (4950.0, 4950, 1.0)


def histogram(values, bins):
    with omp("parallel for reduction(+: bins)"):
        for i in range(len(values)):
            bins[values[i]] += 1


def test_whole_array(program):
    values = np.random.default_rng(5).integers(0, 8, 1000)
    bins = np.ones(8, dtype=np.int64)
    program(histogram, values, bins)
    assert bins.tolist() == (np.bincount(values, minlength=8) + 1).tolist()


def array_max(values, best):
    with omp("parallel for reduction(max: best)"):
        for i in range(len(values)):
            k = i % len(best)
            best[k] = max(best[k], values[i])


def test_array_of_maxima(program):
    values = np.random.default_rng(6).random(999)
    best = np.zeros(3)
    program(array_max, values, best)
    assert best.tolist() == [values[k::3].max() for k in range(3)]


def in_region(a):
    s = 100.0
    with omp("parallel"):
        with omp("for reduction(+: s) schedule(dynamic, 3)"):
            for i in range(len(a)):
                s += a[i]
    return s


def test_worksharing_loop_of_its_own(program):
    assert program(in_region, np.arange(100.0)) == 5050.0


def on_parallel():
    count = 5
    with omp("parallel reduction(+: count)"):
        count += 1
    return count


def test_reduction_on_parallel(team):
    assert team(on_parallel) == 5 + team.threads


def empty(n):
    s = 3.5
    with omp("parallel for reduction(+: s)"):
        for i in range(n):
            s += 1.0
    return s


def test_no_iterations_leave_the_original(program):
    assert program(empty, 0) == 3.5


def reproduced(a):
    s = 0.0
    with omp("parallel for reduction(+: s)"):
        for i in range(len(a)):
            s += a[i]
    return s


def test_same_threads_same_sum(team):
    a = np.random.default_rng(8).random(10_001)
    function = omp(mode=team.mode, reproducible=True)(reproduced)
    assert len({function(a) for _ in range(10)}) == 1


def concatenate(words):
    text = ""
    with omp("parallel for reduction(+: text)"):
        for word in words:
            text += word
    return text


def test_type_without_identity_is_an_error(objects):
    with pytest.raises(TypeError, match="knows no identity for 'str'"):
        objects(concatenate, ["a", "b"])


def binned(values, counts, lo, hi):
    with omp("parallel for reduction(+: counts[lo:hi])"):
        for i in range(len(values)):
            counts[values[i]] += 1


def test_a_section_of_an_array_is_reduced_and_the_rest_left_alone(program):
    rng = np.random.default_rng(1)
    values = rng.integers(10, 20, 5000)
    counts = np.full(40, 7)
    program(binned, values, counts, 10, 20)
    expected = np.full(40, 7)
    np.add.at(expected, values, 1)
    assert counts.tolist() == expected.tolist()


def largest_of_rows(a, best, row):
    with omp("parallel reduction(max: best[row, ::2])"):
        with omp("for"):
            for i in range(a.shape[0]):
                for j in range(0, a.shape[1], 2):
                    best[row, j] = max(best[row, j], a[i, j])


def test_a_section_may_have_several_axes_and_a_step(program):
    rng = np.random.default_rng(2)
    a = rng.random((300, 9))
    for best in (np.zeros((3, 9)), np.zeros((9, 3)).T, np.zeros((6, 18))[::2, ::2]):
        program(largest_of_rows, a, best, 1)
        assert best[1, ::2].tolist() == a[:, ::2].max(axis=0).tolist()
        assert best[0].sum() == best[2].sum() == best[1, 1::2].sum() == 0


def binned_in_lanes(values, counts):
    with omp("parallel for simd order(concurrent) reduction(+: counts[:4])"):
        for i in range(len(values)):
            counts[values[i]] += 1


def test_iterations_that_meet_in_a_section_all_count(program):
    values = np.zeros(4096, dtype=np.int64)
    counts = np.zeros(8, dtype=np.int64)
    program(binned_in_lanes, values, counts)
    assert counts.tolist() == [4096, 0, 0, 0, 0, 0, 0, 0]


def of_a_list(x):
    with omp("parallel reduction(+: x[0:2])"):
        pass


def test_a_section_of_something_else_is_refused(objects):
    with pytest.raises(TypeError, match="takes sections of arrays, not of 'list' objects"):
        objects(of_a_list, [1, 2, 3])


def replaced(a):
    with omp("parallel reduction(+: a[:2])"):
        a = a + 1.0


def test_native_mode_keeps_the_array_whose_section_is_reduced():
    with pytest.raises(omply.OmplyTypeError, match="becomes another one in the construct"):
        omp(mode="native")(replaced)(np.ones(4))
