"""Names that change their type along the flow, joins of branches, and names that are not bound yet."""

import numpy as np
import pytest
from omply import omp


def changes(n):
    x = n
    y = x + 1
    x = x / 2
    z = x
    x = x > 1.0
    return y, z, x


def test_a_name_changes_its_type(agree):
    agree(changes, (0,), (5,))


def widened(n):
    s = 0
    for i in range(n):
        s = s + i * 0.5
    return s


def test_a_loop_widens_a_name(agree):
    agree(widened, (1,), (7,))
    native = omp(mode="native")(widened)
    assert native(0) == 0 and type(native(0)) is float


def chain_of_widening(n):
    a = 0
    b = 0
    c = 0
    for i in range(n):
        c = b
        b = a
        a = 1.5
    return a, b, c


def test_widening_travels_through_a_loop(agree):
    agree(chain_of_widening, (5,), (3,))


def complex_in_a_loop(n):
    z = 0j
    steps = 0
    while abs(z) < 2 and steps < n:
        z = z * z + (0.3 + 0.5j)
        steps += 1
    return z, steps


def test_complex_iteration(agree):
    agree(complex_in_a_loop, (0,), (1,), (5,), within=1e-15)


def same_in_both(flag):
    if flag:
        x = 1.5
        y = 2
    else:
        y = 3
        x = 2.5
    return x, y


def test_branches_that_agree(agree):
    agree(same_in_both, (True,), (False,))


def array_or_view(a, flag):
    b = a[::2] if flag else a
    b[0] = 9.0
    return b


def test_branches_join_array_layouts(agree):
    a = np.arange(5.0)
    agree(array_or_view, (a, True), (a, False))


def number_or_array(a, flag):
    x = 1
    if flag:
        x = a
    return x


def test_types_without_a_join_are_an_error_that_names_them():
    with pytest.raises(TypeError) as caught:
        omp(mode="native")(number_or_array)(np.arange(3.0), True)
    assert caught.value.code.startswith("OMP05")
    assert "`x`" in str(caught.value)


def maybe_bound(flag):
    if flag:
        x = 3
    return x


def deleted_by_flow(n):
    for i in range(n):
        if i == 2:
            late = i
    return late


def test_unbound_names_raise_where_they_are_read(agree):
    agree(maybe_bound, (True,), (False,))
    agree(deleted_by_flow, (3,), (2,))


def bound_later(n):
    total = 0
    for i in range(n):
        if i > 0:
            total += before  # noqa: F821
        before = i  # noqa: F841
    return total


def test_names_bound_by_an_earlier_round(agree):
    agree(bound_later, (0,), (1,), (6,))


def returns_differ(n):
    if n > 5:
        return 1.5
    return n


def returns_none_at_times(n):
    if n > 5:
        return
    n += 1


def test_returned_types_join():
    native = omp(mode="native")(returns_differ)
    assert [native(7), native(3)] == [1.5, 3.0]


def test_functions_without_a_value(agree):
    agree(returns_none_at_times, (7,), (2,))


def annotated(n: int, x: float = 2.0) -> float:
    total: float = 0.0
    count: int
    count = n
    return total + count * x


def test_annotations_do_not_convert(agree):
    agree(annotated, (3,), (3, 1.5), (3, 2))


def walrus(n):
    total = 0
    while (n := n - 1) > 0:
        total += n
    return total, n


def test_assignment_expressions(agree):
    agree(walrus, (5,), (0,))


def augmented(a, x, n):
    x += 1
    x -= 3
    x *= n
    x /= 2
    x //= 1
    x %= 7
    n <<= 2
    n >>= 1
    n |= 1
    n &= 13
    n ^= 6
    n **= 2
    a[n % 3] += x
    a[-1] *= 2.0
    return x, n


def test_augmented_assignment(agree):
    agree(augmented, (np.arange(3.0), 5, 3), (np.arange(3.0), 2.5, 7))


def test_augmented_assignment_of_an_array_changes_it(agree):
    agree(in_place_array_values, (np.arange(4.0), np.ones(4)), (np.arange(8.0)[::2], np.ones(4)))


def in_place_array_values(a, b):
    c = a
    c += b
    c *= 2.0
    return a
