"""Loops that walk through arrays by variables of their own: the first iteration that leaves the bounds does what Python does."""

import numpy as np
import pytest


def up(a, i, limit):
    while a[i] < limit:
        i += 1
    return i


def up_by_two(a, i, limit):
    while a[i] + a[i + 1] < limit:
        i += 2
    return i


def down(a, i, limit):
    while a[i] > limit:
        i -= 1
    return i


def shift(a, i, low):
    x = a[i]
    j = i - 1
    while j >= low and a[j] > x - 3.0:
        a[j + 1] = a[j]
        j -= 1
    a[j + 1] = x
    return j


def leaves(a, i, limit):
    while True:
        if a[i] >= limit:
            break
        i += 1
        if i > 100:
            return -1
    return i


def diagonal(m, i, j, limit):
    while m[i, j] < limit:
        i += 1
        j -= 1
    return i, j


def merged(a, b, i, j, steps):
    total = 0.0
    for k in range(steps):
        if j == len(b) or (i < len(a) and a[i] <= b[j]):
            total = total * 0.5 + float(a[i])
            i += 1
        else:
            total = total * 0.5 + float(b[j])
            j += 1
    return total, i, j


def stacked(a, stack, steps):
    top = -1
    for k in range(steps):
        while top >= 0 and a[int(stack[top])] > a[k]:
            top -= 1
        top += 1
        stack[top] = k
    return top


NUMBERS = np.arange(8.0)
STARTS = [*range(-10, 11), 2**62, -(2**62), 2**63 - 1, -(2**63)]


@pytest.mark.parametrize("walk", [up, down, leaves])
@pytest.mark.parametrize("limit", [-1.0, 3.0, 6.5, 9.0])
def test_walk_from_every_start(agree, walk, limit):
    agree(walk, *[(NUMBERS.copy(), start, limit) for start in STARTS])


@pytest.mark.parametrize("limit", [2.0, 9.0, 13.0, 99.0])
def test_two_neighbours(agree, limit):
    agree(up_by_two, *[(NUMBERS.copy(), start, limit) for start in STARTS[:-2]])


@pytest.mark.parametrize("low", [-20, -3, -1, 0, 2, 20])
def test_shift(agree, low):
    agree(shift, *[(NUMBERS.copy(), start, low) for start in range(-9, 10)])


def test_two_axes(agree):
    m = np.add.outer(np.arange(5), 10 * np.arange(6)).astype(float)
    for limit in (0.0, 25.0, 60.0, 99.0):
        agree(diagonal, *[(m.copy(), i, j, limit) for i in range(-6, 6) for j in range(-7, 7)])


@pytest.mark.parametrize("steps", [0, 5, 13, 14, 20])
def test_merge(agree, steps):
    a, b = np.arange(0.0, 12.0, 2.0), np.arange(1.0, 9.0)
    agree(merged, *[(a.copy(), b.copy(), i, j, steps) for i in range(-2, 8) for j in range(-2, 10)])


def test_stack_that_is_empty_at_first(agree):
    a = np.array([3.0, 5.0, 4.0, 1.0, 2.0, 6.0])
    agree(stacked, *[(a.copy(), np.zeros(size), steps) for size in (0, 2, 6) for steps in range(8)])


def test_a_long_array_is_walked_to_its_end(agree):
    a = np.ones(200_000)
    a[-1] = 9.0
    agree(up, (a, 0, 5.0), (a, 7, 10.0))
    a[0] = 0.0
    agree(down, (a, 199_998, 0.5))
