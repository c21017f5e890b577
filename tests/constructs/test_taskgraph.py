"""`taskgraph`: tasks that are generated again and again."""

import numpy as np
from omply import omp


def again(a, times: int):
    n = len(a)
    with omp("parallel"):
        with omp("single"):
            for k in range(times):
                with omp("taskgraph"):
                    for i in range(1, n):
                        with omp("task depend(in: a[i - 1]) depend(inout: a[i]) replayable"):
                            a[i] += a[i - 1] + k


def serially(a, times):
    for k in range(times):
        for i in range(1, len(a)):
            a[i] += a[i - 1] + k


def test_the_tasks_run_every_time(program):
    for _ in range(3):
        a, expected = np.ones(20), np.ones(20)
        program(again, a, 4)
        serially(expected, 4)
        assert (a == expected).all()


def identified(out, number: int):
    with omp("parallel"):
        with omp("single"):
            for k in range(6):
                with omp("taskgraph graph_id(k % 2) graph_reset(k == 4) if(number > 0)"):
                    with omp("task depend(inout: out) firstprivate(k)"):
                        out[k % 2] = out[k % 2] * 10 + k
                    with omp("taskloop nogroup firstprivate(k)"):
                        for i in range(2, 6):
                            out[i] += k


def test_graphs_are_told_apart(program):
    for number in (0, 1):
        out = np.zeros(6)
        program(identified, out, number)
        assert out.tolist() == [24, 135, 15, 15, 15, 15]


def without_a_group(out):
    with omp("parallel"):
        with omp("single"):
            with omp("taskgraph nogroup"):
                for i in range(len(out)):
                    with omp("task"):
                        out[i] = i
            with omp("taskwait replayable(False)"):
                pass
            out[0] = out[1:].sum()


def test_without_a_group_a_wait_is_needed(program):
    out = np.zeros(30)
    program(without_a_group, out)
    assert out[0] == sum(range(30))


def saved_values(out, times):
    with omp("parallel"):
        with omp("single"):
            for k in range(times):
                with omp("taskgraph graph_reset(k % 3 == 0)"):
                    for i in range(3):
                        value = 100 * k + i
                        with omp("task firstprivate(saved: value) firstprivate(k, i) shared(out)"):
                            out[k, i] = value


def test_saved_values_are_those_of_the_first_time(objects):
    out = np.zeros((5, 3))
    objects(saved_values, out, 5)
    assert out[:3].tolist() == [[0, 1, 2]] * 3
    assert out[3:].tolist() == [[300, 301, 302]] * 2


def saved_in_two_graphs(out):
    for k in range(4):
        with omp("taskgraph graph_id(k % 2)"):
            items = [k]
            with omp("task firstprivate(saved: items) firstprivate(k)"):
                items.append(k)
                out.append(items)


def test_saved_objects_are_copied(objects):
    out = []
    objects(saved_in_two_graphs, out)
    objects(saved_in_two_graphs, out)
    once = [[0, 0], [1, 1], [0, 2], [1, 3]]
    assert out == [*once, *once]


def transparently(a):
    with omp("parallel"):
        with omp("single"):
            with omp("task depend(out: a)"):
                a[:] = 1.0
            with omp("taskloop transparent replayable nogroup grainsize(2)"):
                for i in range(len(a)):
                    with omp("task depend(inout: a[i])"):
                        a[i] += i


def test_tasks_of_a_transparent_taskloop_wait_for_tasks_before_it(program):
    for _ in range(20):
        a = np.zeros(12)
        program(transparently, a)
        assert a.tolist() == [1.0 + i for i in range(12)]
