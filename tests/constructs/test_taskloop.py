"""`taskloop` and the compound directives with it."""

import numpy as np
import pytest
from omply import omp


def doubled(a):
    with omp("parallel"):
        with omp("single"):
            with omp("taskloop"):
                for i in range(len(a)):
                    a[i] += 2.0 * i


def test_every_iteration_runs_once(program):
    for n in (0, 1, 7, 100, 1001):
        a = np.zeros(n)
        program(doubled, a)
        assert (a == 2.0 * np.arange(n)).all()


def ends_with_its_tasks(a):
    with omp("parallel"):
        with omp("single"):
            with omp("taskloop grainsize(3)"):
                for i in range(1, len(a)):
                    a[i] = i
            a[0] = np.sum(a)


def test_the_construct_waits_for_its_tasks(program):
    for _ in range(5):
        a = np.zeros(100)
        program(ends_with_its_tasks, a)
        assert a[0] == sum(range(100))


def alone(a) -> float:
    with omp("taskloop num_tasks(4)"):
        for i in range(len(a)):
            a[i] = i
    return a[len(a) - 1]


def test_outside_of_a_region(program):
    assert program(alone, np.zeros(50)) == 49.0


def sizes(n: int, grain: int, out):
    with omp("parallel"):
        with omp("single"):
            with omp("taskloop grainsize(strict: grain)"):
                for i in range(n):
                    out[i] = i // grain


def test_strict_grainsize(program):
    for n, grain in ((100, 7), (5, 10), (64, 1)):
        out = np.zeros(n)
        program(sizes, n, grain, out)
        assert (out == np.arange(n) // grain).all()


def nest(a):
    rows, columns = a.shape
    with omp("parallel"):
        with omp("masked"):
            with omp("taskloop collapse(2) num_tasks(5)"):
                for i in range(rows):
                    for j in range(columns):
                        a[i, j] += i * 100 + j


def test_collapse(program):
    a = np.zeros((13, 9))
    program(nest, a)
    assert (a == np.arange(13)[:, None] * 100 + np.arange(9)).all()


def stepped(a):
    with omp("parallel masked taskloop"):
        for i in range(len(a) - 1, -1, -3):
            a[i] = 1.0


def test_steps_and_parallel_masked_taskloop(program):
    a = np.zeros(100)
    program(stepped, a)
    expected = np.zeros(100)
    expected[99::-3] = 1.0
    assert (a == expected).all()


def with_reduction(n: int):
    total = 100
    largest = -1
    with omp("parallel"):
        with omp("single"):
            with omp("taskloop reduction(+: total) reduction(max: largest)"):
                for i in range(n):
                    total += i
                    largest = max(largest, (i * 7) % n)
    return total * 10000 + largest


def test_reduction(program):
    for _ in range(5):
        for n in (1, 50, 997):
            expected = (100 + sum(range(n))) * 10000 + max((i * 7) % n for i in range(n))
            assert program(with_reduction, n) == expected


def with_lastprivate(n: int) -> int:
    x = -1
    with omp("parallel"):
        with omp("single"):
            with omp("taskloop lastprivate(x)"):
                for i in range(n):
                    x = i * 3
    return x


def test_lastprivate(program):
    for _ in range(5):
        assert program(with_lastprivate, 200) == 199 * 3


def with_firstprivate(out):
    scale = 2.0
    with omp("parallel"):
        with omp("single"):
            with omp("taskloop firstprivate(scale)"):
                for i in range(len(out)):
                    out[i] = scale * i
            scale = 100.0


def test_firstprivate(program):
    out = np.zeros(64)
    program(with_firstprivate, out)
    assert (out == 2.0 * np.arange(64)).all()


def without_group(out):
    with omp("parallel"):
        with omp("single"):
            with omp("taskloop nogroup"):
                for i in range(len(out)):
                    out[i] += 1
            omp("taskwait")
            out[0] = np.sum(out)


def test_nogroup(program):
    out = np.zeros(90)
    program(without_group, out)
    assert out[0] == 90


def switched(out):
    with omp("parallel"):
        with omp("single"):
            with omp("taskloop if(False) final(True) priority(2) untied mergeable"):
                for i in range(len(out)):
                    out[i] = i


def test_other_clauses(program):
    out = np.zeros(40)
    program(switched, out)
    assert (out == np.arange(40)).all()


def vectors(a, b):
    with omp("parallel"):
        with omp("single"):
            with omp("taskloop simd"):
                for i in range(len(a)):
                    a[i] = 2.0 * b[i] + 1.0


def test_taskloop_simd(program):
    a, b = np.zeros(1000), np.arange(1000.0)
    program(vectors, a, b)
    assert (a == 2.0 * b + 1.0).all()


def fails(n: int) -> int:
    with omp("parallel"):
        with omp("single"):
            with omp("taskloop grainsize(1)"):
                for i in range(n):
                    if i == 11:
                        raise ValueError("eleven")
    return n


def test_exception(program):
    with pytest.raises(ValueError, match="eleven"):
        program(fails, 40)
    assert program(fails, 5) == 5


def with_bad_count(n: int) -> int:
    with omp("taskloop num_tasks(n)"):
        for _ in range(10):
            pass
    return n


def test_a_count_that_is_not_positive(team):
    with pytest.raises(ValueError, match="num_tasks must be positive"):
        team(with_bad_count, 0)


def over_objects(words, out):
    with omp("parallel"):
        with omp("single"):
            with omp("taskloop num_tasks(3)"):
                for i, word in enumerate(words):
                    out[i] = word.upper()


def test_objects(objects):
    words = [f"w{i}" for i in range(20)]
    out = [None] * 20
    objects(over_objects, words, out)
    assert out == [word.upper() for word in words]


def last_in_a_masked_region(n: int) -> int:
    last = -1
    with omp("parallel masked taskloop lastprivate(last)"):
        for i in range(n):
            last = i * 2
    return last


def test_a_masked_taskloop_gives_its_last_value_to_the_variable_outside_of_the_region(program):
    assert program(last_in_a_masked_region, 9) == 16
