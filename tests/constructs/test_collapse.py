"""Collapsed loops beyond rectangles: bounds along an outer loop's variable, and code between the loops."""

import numpy as np
import pytest
from omply import omp


def lower(out, n):
    with omp("parallel for collapse(2)"):
        for i in range(n):
            for j in range(i + 1):
                out[i, j] += 1


def upper(out, n):
    with omp("parallel for collapse(2)"):
        for i in range(n):
            for j in range(i, n):
                out[i, j] += 1


def band(out, n):
    with omp("parallel for collapse(2)"):
        for i in range(n):
            for j in range(i - 2, i + 2):
                if 0 <= j < n:
                    out[i, j] += 1


def backwards(out, n):
    with omp("parallel for collapse(2)"):
        for i in range(n - 1, -1, -1):
            for j in range(n - 1, n - i, -2):
                out[i, j] += 1


def with_gaps(out, n):
    with omp("parallel for collapse(2)"):
        for i in range(0, n, 2):
            for j in range(2 * i - n, 3 * i - 7, 3):
                if 0 <= j < n:
                    out[i, j] += 1


def tetrahedron(out, n):
    with omp("parallel for collapse(3)"):
        for i in range(n):
            for j in range(i + 1):
                for k in range(j, n):
                    out[i, j] += k + 1


def prism(out, n):
    with omp("parallel for collapse(3)"):
        for i in range(n):
            for j in range(n - i):
                for k in range(3):
                    out[i, j] += k + 1


def far_apart(out, n):
    with omp("parallel for collapse(3)"):
        for i in range(n):
            for k in range(2):
                for j in range(i):
                    out[i, j] += k + 1


def in_tasks(out, n):
    with omp("parallel"):
        with omp("single"):
            with omp("taskloop collapse(2)"):
                for i in range(n):
                    for j in range(i + 1):
                        out[i, j] += 1


def by_teams(out, n):
    with omp("teams distribute collapse(2) num_teams(3)"):
        for i in range(n):
            for j in range(i + 1):
                out[i, j] += 1


def by_teams_and_threads(out, n):
    with omp("teams distribute parallel for collapse(2) num_teams(2)"):
        for i in range(n):
            for j in range(i + 1):
                out[i, j] += 1


def in_lanes(out, n):
    with omp("simd collapse(2)"):
        for i in range(n):
            for j in range(i + 1):
                out[i, j] += 1


def any_order(out, n):
    with omp("parallel loop collapse(2)"):
        for i in range(n):
            for j in range(i + 1):
                out[i, j] += 1


def in_turn(out, n):
    t = np.zeros(1, dtype=np.int64)
    with omp("parallel for collapse(2) ordered"):
        for i in range(n):
            for j in range(i + 1):
                with omp("ordered"):
                    t[0] += 1
                    out[i, j] = t[0]


NESTS = [
    lower,
    upper,
    band,
    backwards,
    with_gaps,
    tetrahedron,
    prism,
    far_apart,
    in_tasks,
    by_teams,
    by_teams_and_threads,
    in_lanes,
    any_order,
    in_turn,
]


@pytest.mark.parametrize("n", [0, 1, 2, 9, 16])
@pytest.mark.parametrize("function", NESTS)
def test_a_nest_with_bounds_along_an_outer_loop(program, function, n):
    expected, out = np.zeros((n, n), dtype=np.int64), np.zeros((n, n), dtype=np.int64)
    omp(mode="serial")(function)(expected, n)
    program(function, out, n)
    assert out.tolist() == expected.tolist()


def last_of(n):
    i = j = last = -1
    with omp("parallel for collapse(2) lastprivate(i, j, last)"):
        for i in range(n):
            for j in range(i, n):
                last = 100 * i + j
    return i, j, last


def test_lastprivate_of_a_triangle(program):
    assert program(last_of, 7) == (6, 6, 606)


def between(a, first, total):
    with omp("parallel for collapse(2)"):
        for i in range(a.shape[0]):
            by = a[i, 0] * 2
            for j in range(a.shape[1]):
                if j == 3:
                    continue
                total[i, j] = by + j
            first[i] = by


def test_code_between_collapsed_loops_is_executed_for_each_row(program):
    a = np.arange(28.0).reshape(7, 4)
    first, total = np.zeros(7), np.zeros((7, 4))
    program(between, a, first, total)
    assert first.tolist() == (a[:, 0] * 2).tolist()
    expected = (a[:, :1] * 2) + np.arange(4)
    expected[:, 3] = 0
    assert total.tolist() == expected.tolist()


def noted(calls, low, high):
    calls[0] += 1
    return high - low


def once_evaluated(out, calls):
    with omp("teams distribute parallel for num_teams(1) num_threads(2)"):
        for i in range(noted(calls, 0, 10)):
            out[i] += 1


def test_distribute_evaluates_its_bounds_once(objects):
    calls, out = [0], [0] * 10
    objects(once_evaluated, out, calls)
    assert (calls, out) == ([1], [1] * 10)


def previous(out, n, m):
    with omp("parallel for ordered(2)"):
        for i in range(n):
            for j in range(m, 0, -1):
                with omp("ordered doacross(sink: omp_cur_iteration - 1)"):
                    pass
                out[0] += 1
                out[out[0]] = 100 * i + j
                with omp("ordered doacross(source: omp_cur_iteration)"):
                    pass


def test_the_iteration_before_this_one_of_several_loops(program):
    out = np.zeros(100, dtype=np.int64)
    program(previous, out, 6, 5)
    assert out[1:31].tolist() == [100 * i + j for i in range(6) for j in range(5, 0, -1)]
