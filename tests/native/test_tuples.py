"""Tuples: building, unpacking, indexing, swapping, returning, passing."""

import numpy as np
import pytest


@pytest.mark.parametrize(
    "text",
    [
        "(a, b)",
        "(a, (b, 1.5), True)",
        "()",
        "(a,)",
        "(a, b)[0]",
        "(a, b)[-1]",
        "((a, b), a)[0][1]",
        "(a, 1) + (b, 2)",
        "len((a, b, 3))",
        "sum((a, b, 1))",
        "min((b, a))",
        "max((b, a, 2))",
        "(a, b) == (1, 2)",
        "(a, 1, b)[1:]",
    ],
)
def test_expressions(agree, text):
    agree.expression(text, "a, b", (1, 2), (2, 1), (2.5, 0.5))


def swaps(a, b, c):
    a, b = b, a
    a, b, c = c, a, b
    (a, b), c = (c, a), b
    return a, b, c


def test_swaps(agree):
    agree(swaps, (1, 2, 3), (1.5, 2.5, 3.5))


def swap_elements(a, i, j):
    a[i], a[j] = a[j], a[i]
    a[0], a[1], a[2] = a[2], a[0], a[1]


def test_swapped_elements(agree):
    agree(swap_elements, (np.arange(5), 1, 3), (np.arange(5), -1, 0), (np.arange(5), 0, 9))


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def test_simultaneous_assignment(agree):
    agree(fibonacci, (0,), (1,), (50,))


def order(a, i):
    i, a[i] = 2, 7
    return i


def test_targets_are_assigned_from_left_to_right(agree):
    agree(order, (np.zeros(4), 0))


def chained(n):
    a = b = c = n
    a += 1
    return a, b, c


def test_chained_assignment(agree):
    agree(chained, (3,))


def parameters(point, pairs):
    x, y = point
    (a, b), (c, d) = pairs
    return x * a + y * b, c - d, point, len(pairs)


def test_tuples_as_arguments(agree):
    agree(parameters, ((1, 2), ((1, 2.5), (3, 4))), ((1.5, True), ((0, 0), (0.5, 1j))))


def arrays_in_tuples(pair):
    a, b = pair
    a[0] = b[1]
    return pair, (a, b[1:])


def test_arrays_in_tuples(agree):
    agree(arrays_in_tuples, ((np.arange(3.0), np.arange(5)),))


def row_of(a):
    x, y, z = a
    return x + y * z


def test_unpacking_an_array(agree):
    agree(row_of, (np.arange(3),), (np.arange(4),), (np.arange(2),))


def shapes(a):
    rows, columns = a.shape
    return rows * columns, a.shape, a.shape[0], a.shape[-1]


def test_unpacking_a_shape(agree):
    agree(shapes, (np.zeros((3, 4)),), (np.zeros((0, 4)),))


def through_loop(n):
    point = (0, 1.0)
    for i in range(n):
        point = (point[0] + i, point[1] * 2)
    return point


def test_tuples_carried_around_a_loop(agree):
    agree(through_loop, (0,), (5,))
