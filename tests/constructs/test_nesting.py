"""Regions inside of regions, and constructs that bind to a region of the caller."""

import numpy as np
import pytest
from omply import omp, omp_get_max_active_levels, omp_get_thread_num, omp_set_max_active_levels


@pytest.fixture
def two_levels():
    before = omp_get_max_active_levels()
    omp_set_max_active_levels(2)
    yield
    omp_set_max_active_levels(before)


def nested(seen):
    with omp("parallel num_threads(3)"):
        outer = omp_get_thread_num()
        with omp("parallel num_threads(2)"):
            seen[outer, omp_get_thread_num()] += 1


def test_inner_teams(team, two_levels):
    seen = np.zeros((3, 2), dtype=np.int64)
    for _ in range(5):
        team(nested, seen)
    assert seen.tolist() == [[5, 5]] * 3


def inner_reduction(out):
    with omp("parallel for num_threads(2)"):
        for i in range(len(out)):
            s = 0
            with omp("parallel for reduction(+: s) num_threads(2)"):
                for j in range(i + 1):
                    s += j
            out[i] = s


def test_inner_reduction_into_the_outer_threads_variable(team, two_levels):
    out = np.zeros(20, dtype=np.int64)
    team(inner_reduction, out)
    assert out.tolist() == [i * (i + 1) // 2 for i in range(20)]


def fill(a):
    with omp("for"):
        for i in range(len(a)):
            a[i] += i


def calls_fill(a, function):
    with omp("parallel"):
        function(a)


def test_orphaned_loop_binds_to_the_callers_team(objects):
    a = np.zeros(100)
    objects(calls_fill, a, objects.decorated(fill))
    assert a.tolist() == [float(i) for i in range(100)]


def test_orphaned_loop_without_a_team(program):
    a = np.zeros(100)
    program(fill, a)
    assert a.tolist() == [float(i) for i in range(100)]


def orphans(counts):
    omp("barrier")
    with omp("single"):
        counts[0] += 1
    with omp("masked"):
        counts[1] += 1
    with omp("critical"):
        counts[2] += 1


def calls_orphans(counts, function):
    with omp("parallel"):
        function(counts)


def test_orphaned_blocks(objects):
    counts = np.zeros(3, dtype=np.int64)
    objects(calls_orphans, counts, objects.decorated(orphans))
    assert counts.tolist() == [1, 1, objects.threads]


def test_orphaned_blocks_without_a_team(program):
    counts = np.zeros(3, dtype=np.int64)
    program(orphans, counts)
    assert counts.tolist() == [1, 1, 1]


def recursive(n, function):
    if n < 2:
        return n
    left = right = 0
    with omp("parallel sections num_threads(2)"):
        with omp("section"):
            left = function(n - 1, function)
        with omp("section"):
            right = function(n - 2, function)
    return left + right


def test_recursion_through_regions(objects):
    function = objects.decorated(recursive)
    assert function(8, function) == 21
