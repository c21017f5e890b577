"""`for` and `while`: ranges of every step, what the loop variable is afterwards, `break`, `continue`, `else`, nesting."""

import itertools

import numpy as np
import pytest

ENDS = [0, 1, 5, -3]


def visited(start, stop, step):
    count = 0
    total = 0
    for i in range(start, stop, step):
        count += 1
        total = total * 3 + i
    return count, total


def test_ranges_of_every_step(agree):
    agree(visited, *itertools.product(ENDS, ENDS, [1, 2, 7, -1, -2, -7]))


def test_a_step_of_zero_is_an_error(agree):
    agree(visited, (0, 5, 0), (5, 0, 0), (1, 1, 0))


def test_ranges_at_the_ends_of_64_bits(agree):
    top = 2**63 - 1
    agree(
        visited_few,
        (top - 3, top, 2),
        (top - 1, top, 1),
        (-top, -top - 1, -1),
    )


def visited_few(start, stop, step):
    count = 0
    for _ in range(start, stop, step):
        count += 1
    return count


def test_constant_steps(agree):
    agree(down, (10,), (0,), (-1,))
    agree(up_by_three, (10,), (9,), (0,), (-1,))


def down(n):
    total = 0
    for i in range(n, 0, -1):
        total = total * 2 + i
    return total


def up_by_three(n):
    total = 0
    for i in range(0, n, 3):
        total = total * 2 + i
    return total


def last_value(n):
    i = -1
    for i in range(n):
        pass
    return i


def test_the_variable_after_the_loop(agree):
    agree(last_value, (0,), (1,), (10,))


def unbound_after(n):
    for i in range(n):
        pass
    return i


def test_the_variable_of_a_loop_that_never_ran_is_unbound(agree):
    agree(unbound_after, (3,), (0,))


def assigned_inside(n):
    total = 0
    for i in range(n):
        total += i
        i = i * 10
        total += i
    return total, i


def test_assigning_the_variable_does_not_steer_the_loop(agree):
    agree(assigned_inside, (1,), (5,))


def bounds_change(n):
    count = 0
    for i in range(n):
        n = 2
        count += 1
    return count, n


def test_bounds_are_taken_once(agree):
    agree(bounds_change, (7,), (0,))


def search(a, wanted):
    for i in range(len(a)):
        if a[i] < 0:
            continue
        if a[i] == wanted:
            found = i
            break
    else:
        found = -1
    return found


def test_break_continue_and_else(agree):
    a = np.array([-5, 3, 9, 4])
    agree(search, (a, 3), (a, 4), (a, -5), (a, 8))


def pairs_until(n, limit):
    seen = 0
    for i in range(n):
        for j in range(i, n):
            if i * j > limit:
                break
            if (i + j) % 2:
                continue
            seen += 1
        else:
            seen += 100
        if seen > 1000:
            break
    else:
        seen = -seen
    return seen, i, j


def test_nested_breaks_leave_one_loop(agree):
    agree(pairs_until, (5, 6), (20, 1000), (6, 0), (3, 100))


def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
        if steps > 500:
            break
    else:
        steps = steps * 10
    return steps


def test_while(agree):
    agree(collatz, (1,), (6,), (27,), (97,))


def while_true(n):
    i = 0
    while True:
        i += 3
        if i % 7 == 0:
            continue
        if i > n:
            return i


def test_while_true_with_return(agree):
    agree(while_true, (0,), (20,), (100,))


def over_elements(a):
    total = 0
    for x in a:
        total = total + x
        x = 0
    return total


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "int64", "float32", "float64", "complex128"])
def test_for_over_an_array(agree, dtype):
    a = np.arange(6).astype(dtype)
    agree(over_elements, (a,), (a[::2],), (a[::-1],))


def test_for_over_an_empty_array_runs_no_round(agree):
    agree(count_elements, (np.arange(0.0),), (np.arange(3.0),), (np.zeros((0, 4)),), (np.zeros((3, 0)),))


def count_elements(a):
    count = 0
    for _ in a:
        count += 1
    return count


def over_rows(a):
    total = 0.0
    for row in a:
        row[0] = 7.0
        for x in row:
            total += x
    return total


def test_for_over_rows_gives_views(agree):
    a = np.arange(12.0).reshape(3, 4)
    agree(over_rows, (a,), (a.T,), (np.asfortranarray(a),), (a[::-1, ::2],))


def combined(a, b):
    total = 0
    for i, x in enumerate(a):
        total += i * x
    for i, x in enumerate(a, 5):
        total += i * x
    for x, y in zip(a, b):  # noqa: B905
        total += x * y
    for i, (x, y) in enumerate(zip(a, b)):  # noqa: B905
        total += i * x - y
    for x in reversed(a):
        total = total * 2 + x
    for i in reversed(range(3, 20, 4)):
        total = total * 2 + i
    return total


def test_enumerate_zip_and_reversed(agree):
    a, b = np.array([1, 2, 3]), np.array([4, 5, 6, 7])
    agree(combined, (a, b), (b, a))


def over_tuple(x):
    total = 0.0
    for item in (1, 2.5, x):
        total += item
    return total


def test_for_over_a_tuple(agree):
    agree(over_tuple, (3,), (4.5,))


def grown(a):
    n = 0
    for x in a:
        a = a[:1]
        n += x
    return n


def test_rebinding_the_sequence_does_not_change_the_loop(agree):
    agree(grown, (np.arange(5),))
