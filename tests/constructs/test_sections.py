"""`sections`: every section once, with lastprivate and reductions."""

import numpy as np
from omply import omp


def three(seen):
    with omp("parallel sections"):
        with omp("section"):
            seen[0] += 1
        with omp("section"):
            seen[1] += 10
        with omp("section"):
            seen[2] += 100


def test_every_section_runs_once(program):
    seen = np.zeros(3, dtype=np.int64)
    program(three, seen)
    assert seen.tolist() == [1, 10, 100]


def inside(seen):
    with omp("parallel"):
        with omp("sections"):
            with omp("section"):
                seen[0] = 1
            with omp("section"):
                seen[1] = 2
        with omp("masked"):
            seen[2] = seen[0] + seen[1]


def test_sections_end_with_a_barrier(program):
    seen = np.zeros(3, dtype=np.int64)
    for _ in range(20):
        seen[:] = 0
        program(inside, seen)
        assert seen.tolist() == [1, 2, 3]


def last():
    x = 0
    with omp("parallel sections lastprivate(x)"):
        with omp("section"):
            x = 1
        with omp("section"):
            x = 2
    return x


def test_lastprivate_is_the_last_sections(program):
    assert program(last) == 2


def summed():
    s = 100
    with omp("parallel sections reduction(+: s)"):
        with omp("section"):
            s += 1
        with omp("section"):
            s += 2
        with omp("section"):
            s += 3
    return s


def test_reduction_over_sections(program):
    assert program(summed) == 106
