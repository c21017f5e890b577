"""`single` and `copyprivate`."""

import numpy as np
from omply import omp, omp_get_thread_num


def counted(count):
    with omp("parallel"):
        for _ in range(10):
            with omp("single"):
                count[0] += 1


def test_one_thread_executes_the_block(program):
    count = np.zeros(1, dtype=np.int64)
    program(counted, count)
    assert count[0] == 10


def visible(value, seen):
    with omp("parallel"):
        with omp("single"):
            value[0] = 7
        seen[omp_get_thread_num()] = value[0]


def test_others_wait_for_it(team):
    value, seen = np.zeros(1), np.zeros(17)
    team(visible, value, seen)
    assert seen[: team.threads].tolist() == [7.0] * team.threads


def without_waiting(count):
    with omp("parallel"):
        for _ in range(50):
            with omp("single nowait"):
                with omp("atomic"):
                    count[0] += 1


def test_nowait(program):
    count = np.zeros(1, dtype=np.int64)
    program(without_waiting, count)
    assert count[0] == 50


def handed_on(seen):
    with omp("parallel"):
        x = -1
        y = 0.5
        for k in range(20):
            with omp("single copyprivate(x, y)"):
                x = k * 3
                y = k + 0.25
            seen[omp_get_thread_num()] += x + y


def test_copyprivate_gives_the_values_to_all(team):
    seen = np.zeros(17)
    team(handed_on, seen)
    total = sum(k * 3 + k + 0.25 for k in range(20))
    assert seen[: team.threads].tolist() == [total] * team.threads


def with_private(out):
    x = 3
    with omp("parallel"):
        with omp("single firstprivate(x)"):
            x += 1
            out[0] = x
    return x


def test_firstprivate_on_single(program):
    out = np.zeros(1, dtype=np.int64)
    assert program(with_private, out) in (3, 4)  # serially there is one x
    assert out[0] == 4


def objects_handed_on(out):
    with omp("parallel"):
        item = None
        with omp("single copyprivate(item)"):
            item = {"made by": omp_get_thread_num()}
        with omp("critical"):
            out.append(item)


def test_copyprivate_hands_on_the_object_itself(objects):
    out = []
    objects(objects_handed_on, out)
    assert len(out) == objects.threads
    assert all(each is out[0] for each in out)
