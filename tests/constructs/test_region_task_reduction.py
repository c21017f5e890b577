"""`reduction(task, ...)`: the tasks of a region take part in its reduction."""

import numpy as np
from omply import omp


def regions(n: int) -> int:
    s = 5
    with omp("parallel reduction(task, +: s)"):
        s += 1
        for i in range(n):
            with omp("task in_reduction(+: s)"):
                s += i
        s += 10
    return s


def test_tasks_of_every_thread_of_a_region(team):
    for _ in range(5):
        result = team(regions, 20)
        assert result == 5 + team.threads * (11 + sum(range(20)))


def from_one(n: int) -> float:
    s = 0.0
    p = 1
    with omp("parallel reduction(task, +: s) reduction(task, *: p)"):
        with omp("single"):
            for i in range(n):
                with omp("task in_reduction(+: s)"):
                    s += i
                with omp("task in_reduction(*: p) in_reduction(+: s)"):
                    p *= 1 + i % 2
                    s += 0.5
    return s + p


def test_tasks_of_one_thread(program):
    for _ in range(5):
        assert program(from_one, 20) == sum(range(20)) + 10 + 2**10


def loops(n: int) -> int:
    s = 0
    with omp("parallel"):
        with omp("for reduction(task, +: s) schedule(dynamic)"):
            for i in range(n):
                s += 1
                with omp("task in_reduction(+: s)"):
                    s += i
    return s


def test_tasks_of_a_loop(program):
    for _ in range(10):
        assert program(loops, 60) == 60 + sum(range(60))


def combined(n: int) -> int:
    m = -1
    with omp("parallel for reduction(task, max: m)"):
        for i in range(n):
            with omp("task in_reduction(max: m)"):
                m = max(m, i * 7 % n)
    return m


def test_tasks_of_a_combined_loop(program):
    for _ in range(5):
        assert program(combined, 40) == 39


def in_sections(n: int) -> int:
    s = 1
    with omp("parallel"):
        with omp("sections reduction(task, +: s)"):
            with omp("section"):
                for i in range(n):
                    with omp("task in_reduction(+: s)"):
                        s += i
            with omp("section"):
                s += 100
    return s


def test_tasks_of_sections(program):
    for _ in range(5):
        assert program(in_sections, 30) == 101 + sum(range(30))


def in_a_scope(n: int) -> int:
    s = 0
    with omp("parallel"):
        with omp("scope reduction(task, +: s)"):
            with omp("masked"):
                for i in range(n):
                    with omp("task in_reduction(+: s)"):
                        s += i
    return s


def test_tasks_of_a_scope(program):
    for _ in range(5):
        assert program(in_a_scope, 30) == sum(range(30))


def arrays(a, n: int):
    with omp("parallel reduction(task, +: a)"):
        with omp("single"):
            for i in range(n):
                with omp("task in_reduction(+: a)"):
                    a[i % 4] += i
        a[0] += 0.0


def test_arrays(program):
    for _ in range(5):
        a = np.ones(4)
        program(arrays, a, 40)
        assert a.tolist() == [1 + sum(range(k, 40, 4)) for k in range(4)]


def nested(n: int) -> int:
    s = 0
    with omp("parallel reduction(task, +: s)"):
        with omp("single"):
            for i in range(n):
                with omp("task in_reduction(+: s)"):
                    s += i
                    with omp("task in_reduction(+: s)"):
                        s += 1000
    return s


def test_tasks_of_tasks(program):
    for _ in range(10):
        assert program(nested, 20) == sum(range(20)) + 20000


def nested_in_a_group(n: int) -> int:
    s = 0
    with omp("parallel"):
        with omp("single"):
            with omp("taskgroup task_reduction(+: s)"):
                for i in range(n):
                    with omp("task in_reduction(+: s)"):
                        s += i
                        with omp("task in_reduction(+: s)"):
                            s += 1000
    return s


def test_tasks_of_tasks_of_a_group(program):
    for _ in range(10):
        assert program(nested_in_a_group, 20) == sum(range(20)) + 20000


def taskloops(n: int) -> int:
    s = 0
    with omp("parallel reduction(task, +: s)"):
        with omp("single"):
            with omp("taskloop in_reduction(+: s) nogroup"):
                for i in range(n):
                    s += i
            with omp("taskloop in_reduction(+: s) grainsize(3)"):
                for i in range(n):
                    s += 1
    return s


def test_taskloops(program):
    for _ in range(5):
        assert program(taskloops, 50) == sum(range(50)) + 50


def a_group_in_a_task(n: int, out):
    s = 0
    with omp("parallel"):
        with omp("single"):
            with omp("taskgroup task_reduction(+: s)"):
                with omp("task in_reduction(+: s)"):
                    s += 1
                    with omp("taskgroup task_reduction(+: s)"):
                        for i in range(n):
                            with omp("task in_reduction(+: s)"):
                                s += i
                    out[0] = s
    return s


def test_a_group_of_a_task_takes_the_parts_of_its_own_tasks(program):
    for _ in range(10):
        out = np.zeros(1)
        assert program(a_group_in_a_task, 20, out) == 191
        assert out[0] == 191


def tasks_of_a_taskloop(n: int) -> int:
    s = 0
    with omp("parallel"):
        with omp("single"):
            with omp("taskloop reduction(+: s)"):
                for i in range(n):
                    s += i
                    with omp("task in_reduction(+: s)"):
                        s += 1000
    return s


def test_tasks_of_a_taskloop(program):
    for _ in range(10):
        assert program(tasks_of_a_taskloop, 20) == sum(range(20)) + 20000
