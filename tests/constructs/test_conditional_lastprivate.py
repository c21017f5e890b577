"""`lastprivate(conditional: ...)`: the value of the sequentially last assignment, in whatever iteration it was."""

import numpy as np
import pytest
from omply import omp, omp_get_thread_num


def last_hit(a, limit):
    x = -1
    with omp("parallel for lastprivate(conditional: x)"):
        for i in range(len(a)):
            if a[i] > limit:
                x = i
    return x


@pytest.mark.parametrize("limit", [-1, 0, 5, 30, 47, 48, 100])
def test_last_assignment(program, limit):
    a = np.arange(300) * 31 % 49
    hits = np.flatnonzero(a > limit)
    assert program(last_hit, a, limit) == (hits[-1] if len(hits) else -1)


def scheduled(a):
    x, y = -1.0, 7
    with omp("parallel"):
        with omp("for schedule(dynamic, 3) lastprivate(conditional: x, y)"):
            for i in range(len(a)):
                if a[i] < 4:
                    x = a[i] + 0.5 * i
                    if a[i] < 2:
                        x = x + 1.0
                        y = i
    return x, y


def test_dynamic_schedule_and_two_variables(program):
    a = np.arange(500) * 37 % 101
    for _ in range(5):
        assert program(scheduled, a) == omp(mode="serial")(scheduled)(a)


def never_assigned(n):
    x = 42
    with omp("parallel for lastprivate(conditional: x)"):
        for i in range(n):
            if i > n:
                x = i
    return x


def test_variable_without_an_assignment_keeps_its_value(program):
    assert program(never_assigned, 50) == 42


def collapsed(n, m):
    x = -1
    with omp("parallel for collapse(2) lastprivate(conditional: x)"):
        for i in range(n):
            for j in range(m - 1, -1, -1):
                if (i * j) % 5 == 3:
                    x = i * 100 + j
    return x


def test_collapsed_loops_count_as_the_serial_program_does(program):
    assert program(collapsed, 9, 11) == omp(mode="serial")(collapsed)(9, 11)


def sections(a):
    x = 0
    with omp("parallel sections lastprivate(conditional: x)"):
        with omp("section"):
            x = 1
        with omp("section"):
            if a > 0:
                x = 2
        with omp("section"):
            if a > 1:
                x = 3
    return x


@pytest.mark.parametrize(("a", "expected"), [(0, 1), (1, 2), (2, 3)])
def test_sections(program, a, expected):
    assert program(sections, a) == expected


def together(a):
    x, y, z, s = 0, 0, 0, 0
    with omp(
        "parallel for lastprivate(conditional: x) lastprivate(y) reduction(+: s) firstprivate(z) lastprivate(z)"
    ):
        for i in range(len(a)):
            s += a[i]
            y = i
            z = z + 1 if i < 0 else i
            if a[i] % 7 == 0:
                x = a[i]
    return x, y, z, s


def test_beside_other_clauses(program):
    a = np.arange(200) * 13 % 64
    assert program(together, a) == omp(mode="serial")(together)(a)


def lanes(a):
    x = y = -1
    with omp("simd lastprivate(conditional: x)"):
        for i in range(len(a)):
            if a[i] == 3:
                x = i
    with omp("parallel for simd lastprivate(conditional: y)"):
        for i in range(len(a)):
            if a[i] == 4:
                y = i
    return x, y


def test_simd(program):
    a = np.arange(100) % 9
    assert program(lanes, a) == omp(mode="serial")(lanes)(a)


def shared_out(ran, a):
    x = -1
    with omp("parallel num_threads(4)"):
        with omp("for schedule(static, 2) lastprivate(conditional: x)"):
            for i in range(len(a)):
                ran[i] = omp_get_thread_num()
                if a[i] > 0:
                    x = i
    return x


def test_the_teams_threads_share_the_iterations(team):
    a = np.zeros(24)
    a[3] = a[13] = 1
    ran = np.full(24, -1)
    assert team(shared_out, ran, a) == 13
    assert ran.tolist() == [i // 2 % 4 for i in range(24)]


def sections_of_all(ran):
    x = 0
    with omp("parallel num_threads(2)"):
        with omp("sections lastprivate(conditional: x)"):
            with omp("section"):
                ran[0] = 1
                x = 1
            with omp("section"):
                ran[1] = 1
                x = 2
            with omp("section"):
                ran[2] = 1
    return x


def test_the_last_section_that_assigns_counts(team):
    for _ in range(10):
        ran = np.zeros(3)
        assert team(sections_of_all, ran) == 2
        assert ran.tolist() == [1, 1, 1]


def from_the_start(n):
    x = 100
    with omp("parallel for firstprivate(x) lastprivate(conditional: x)"):
        for i in range(n):
            if i == n // 2:
                x = x + i
    return x


def test_a_variable_that_starts_with_a_value(team):
    assert team(from_the_start, 20) == 110


def items_of_a_generator(n):
    x = None
    with omp("parallel for lastprivate(conditional: x)"):
        for i in (k * 3 for k in range(n)):
            if i % 2 == 0:
                x = i
    return x


def test_what_has_no_length_has_no_last_assignment(objects):
    with pytest.raises(TypeError, match="needs a sequence with a length"):
        objects(items_of_a_generator, 10)
