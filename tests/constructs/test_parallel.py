"""`parallel`: teams and their size, `if`, `num_threads`, `proc_bind`."""

import numpy as np
import pytest
from omply import omp, omp_get_level, omp_get_num_threads, omp_get_thread_num, omp_in_parallel


def count_each_thread(seen):
    with omp("parallel"):
        seen[omp_get_thread_num()] += 1


def test_every_thread_runs_the_block_once(team):
    seen = np.zeros(32, dtype=np.int64)
    team(count_each_thread, seen)
    assert seen.tolist() == [1] * team.threads + [0] * (32 - team.threads)


def sizes_seen(sizes, n):
    with omp("parallel num_threads(n)"):
        sizes[omp_get_thread_num()] = omp_get_num_threads()


def test_num_threads_decides_the_size(team):
    sizes = np.zeros(8, dtype=np.int64)
    team(sizes_seen, sizes, 3)
    assert sizes.tolist() == [3, 3, 3, 0, 0, 0, 0, 0]


def test_num_threads_must_be_positive(team):
    with pytest.raises(ValueError, match="num_threads must be positive"):
        team(sizes_seen, np.zeros(8, dtype=np.int64), 0)


def conditional(n, sizes):
    with omp("parallel if(n > 10)"):
        sizes[omp_get_thread_num()] = omp_get_num_threads()


def test_if_decides_whether_there_is_a_team(team):
    sizes = np.zeros(32, dtype=np.int64)
    team(conditional, 5, sizes)
    assert sizes[0] == 1 and sizes.sum() == 1
    team(conditional, 50, sizes)
    assert sizes.tolist() == [team.threads] * team.threads + [0] * (32 - team.threads)


def bound(sizes):
    with omp("parallel proc_bind(close) num_threads(2)"):
        sizes[omp_get_thread_num()] = 1


def test_proc_bind_is_taken(team):
    sizes = np.zeros(2, dtype=np.int64)
    team(bound, sizes)
    assert sizes.tolist() == [1, 1]


def levels(inside):
    with omp("parallel num_threads(2)"):
        with omp("masked"):
            inside[0] = omp_get_level()
            inside[1] = omp_in_parallel()
    inside[2] = omp_get_level()
    inside[3] = omp_in_parallel()


def test_routines_know_the_region(team):
    inside = np.full(4, -1, dtype=np.int64)
    team(levels, inside)
    assert inside.tolist() == [1, 1, 0, 0]


def twice(total):
    with omp("parallel"):
        with omp("atomic"):
            total[0] += 1
    with omp("parallel"):
        with omp("atomic"):
            total[0] += 10


def test_regions_follow_each_other(team):
    total = np.zeros(1, dtype=np.int64)
    for _ in range(20):
        team(twice, total)
    assert total[0] == 20 * 11 * team.threads


def strict(sizes):
    with omp("parallel num_threads(strict: 2)"):
        sizes[omp_get_thread_num()] = omp_get_num_threads()


def test_strict_size_is_met(team):
    sizes = np.zeros(2, dtype=np.int64)
    team(strict, sizes)
    assert sizes.tolist() == [2, 2]
