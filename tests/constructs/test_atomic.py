"""`atomic`: every form, on variables, elements and attributes."""

import numpy as np
from omply import omp, omp_get_thread_num


def update(x, n):
    with omp("parallel"):
        for _ in range(n):
            with omp("atomic"):
                x[0] += 1
            with omp("atomic update"):
                x[1] = x[1] + 2
            with omp("atomic"):
                x[2] = 3 + x[2]
            with omp("atomic"):
                x[3] -= 1


def test_updates_of_elements(team):
    x = np.zeros(4, dtype=np.int64)
    team(update, x, 300)
    n = 300 * team.threads
    assert x.tolist() == [n, 2 * n, 3 * n, -n]


def scalar(n):
    total = 0.0
    with omp("parallel for"):
        for i in range(n):
            with omp("atomic"):
                total += i
    return total


def test_update_of_a_variable(program):
    assert program(scalar, 500) == 124750.0


def extremes(a, out):
    with omp("parallel for"):
        for i in range(len(a)):
            with omp("atomic"):
                out[0] = min(out[0], a[i])
            with omp("atomic"):
                out[1] = max(out[1], a[i])


def test_min_and_max(program):
    a = np.random.default_rng(1).random(500)
    out = np.array([2.0, -1.0])
    program(extremes, a, out)
    assert out.tolist() == [a.min(), a.max()]


def tickets(seen):
    next_ticket = 0
    with omp("parallel for"):
        for i in range(len(seen)):
            with omp("atomic capture"):
                mine = next_ticket
                next_ticket += 1
            seen[mine] += 1
    return next_ticket


def test_capture_of_the_old_value(program):
    seen = np.zeros(300, dtype=np.int64)
    assert program(tickets, seen) == 300
    assert seen.tolist() == [1] * 300


def tickets_after(seen):
    issued = 0
    with omp("parallel for"):
        for i in range(len(seen)):
            with omp("atomic capture"):
                issued += 1
                mine = issued
            seen[mine - 1] += 1
    return issued


def test_capture_of_the_new_value(program):
    seen = np.zeros(300, dtype=np.int64)
    assert program(tickets_after, seen) == 300
    assert seen.tolist() == [1] * 300


def read_and_write(flag, out):
    with omp("parallel num_threads(2)"):
        with omp("atomic write"):
            flag[0] = 5
        with omp("atomic read"):
            v = flag[0]
        out[omp_get_thread_num()] = v


def test_read_and_write(team):
    flag, out = np.zeros(1, dtype=np.int64), np.zeros(2, dtype=np.int64)
    team(read_and_write, flag, out)
    assert out.tolist() == [5, 5]


def compare(x, winners):
    with omp("parallel"):
        with omp("atomic compare"):
            if x[0] == 0:
                x[0] = omp_get_thread_num() + 1
        with omp("atomic"):
            winners[x[0] - 1] += 1


def test_compare_lets_one_win(team):
    x, winners = np.zeros(1, dtype=np.int64), np.zeros(17, dtype=np.int64)
    team(compare, x, winners)
    assert winners[x[0] - 1] == team.threads


def negative_index(x, n):
    with omp("parallel for"):
        for i in range(n):
            if i % 2:
                with omp("atomic"):
                    x[-1] += 1
            else:
                with omp("atomic"):
                    x[2] += 1


def test_an_element_is_one_location_however_it_is_named(program):
    x = np.zeros(3, dtype=np.int64)
    program(negative_index, x, 600)
    assert x.tolist() == [0, 0, 600]


class Counter:
    value = 0


def attribute(counter, items, table, n):
    with omp("parallel for"):
        for i in range(n):
            with omp("atomic"):
                counter.value += 1
            with omp("atomic"):
                items[-1] += 2
            with omp("atomic"):
                table["key"] = table["key"] + 3


def test_attributes_and_containers(objects):
    counter, items, table = Counter(), [0, 0], {"key": 0}
    objects(attribute, counter, items, table, 400)
    assert (counter.value, items, table) == (400, [0, 800], {"key": 1200})


def index_with_effect(out, indices):
    with omp("parallel for"):
        for _ in range(100):
            with omp("atomic"):
                out[next(indices) % 4] += 1


def test_the_index_is_evaluated_once(objects):
    import itertools

    out = [0, 0, 0, 0]
    objects(index_with_effect, out, itertools.count())
    assert out == [25, 25, 25, 25]
