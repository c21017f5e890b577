"""`masked`, `critical`, `barrier`, `flush`, `ordered`."""

import numpy as np
from omply import omp, omp_get_num_threads, omp_get_thread_num


def by_primary(seen):
    with omp("parallel"):
        with omp("masked"):
            seen[omp_get_thread_num()] += 1


def test_masked_is_for_the_primary_thread(team):
    seen = np.zeros(17, dtype=np.int64)
    team(by_primary, seen)
    assert seen[0] == 1 and seen.sum() == 1


def by_chosen(seen, k):
    with omp("parallel num_threads(4)"):
        with omp("masked filter(k)"):
            seen[omp_get_thread_num()] += 1


def test_masked_filter_chooses_the_thread(team):
    seen = np.zeros(4, dtype=np.int64)
    team(by_chosen, seen, 2)
    assert seen.tolist() == [0, 0, 1, 0]


def counted(total, n):
    with omp("parallel"):
        for _ in range(n):
            with omp("critical"):
                total[0] = total[0] + 1


def test_critical_excludes_others(team):
    total = np.zeros(1, dtype=np.int64)
    team(counted, total, 200)
    assert total[0] == 200 * team.threads


def named(total, n):
    with omp("parallel"):
        for _ in range(n):
            with omp("critical(left)"):
                total[0] = total[0] + 1
            with omp("critical(right)"):
                total[1] = total[1] + 1


def test_named_criticals(team):
    total = np.zeros(2, dtype=np.int64)
    team(named, total, 100)
    assert total.tolist() == [100 * team.threads] * 2


def phases(grid, n):
    with omp("parallel"):
        me = omp_get_thread_num()
        size = omp_get_num_threads()
        for k in range(n):
            grid[k, me] = k + 1
            omp("barrier")
            for other in range(size):
                if grid[k, other] != k + 1:
                    grid[k, me] = -1000
            omp("barrier")


def test_barrier_waits_for_all(team):
    grid = np.zeros((30, 17), dtype=np.int64)
    team(phases, grid, 30)
    assert grid[:, : team.threads].tolist() == [[k + 1] * team.threads for k in range(30)]


def flushed(data):
    with omp("parallel num_threads(2)"):
        data[omp_get_thread_num()] = 1
        omp("flush")
        omp("barrier")


def test_flush_is_taken(team):
    data = np.zeros(2, dtype=np.int64)
    team(flushed, data)
    assert data.tolist() == [1, 1]


def in_order(out, position):
    with omp("parallel for ordered schedule(dynamic, 2)"):
        for i in range(len(out)):
            square = i * i
            with omp("ordered"):
                out[position[0]] = square
                position[0] += 1


def test_ordered_blocks_run_in_the_loops_order(program):
    out, position = np.zeros(60, dtype=np.int64), np.zeros(1, dtype=np.int64)
    program(in_order, out, position)
    assert out.tolist() == [i * i for i in range(60)]


def sometimes_ordered(out, position):
    with omp("parallel for ordered schedule(static, 1)"):
        for i in range(60):
            if i % 3 == 0:
                continue
            with omp("ordered"):
                out[position[0]] = i
                position[0] += 1


def test_iterations_without_an_ordered_block(program):
    out, position = np.zeros(60, dtype=np.int64), np.zeros(1, dtype=np.int64)
    program(sometimes_ordered, out, position)
    assert out[: position[0]].tolist() == [i for i in range(60) if i % 3]
