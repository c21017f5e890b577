"""`teams` and `distribute`, alone and in compounds: leagues, divided iterations, clauses, errors."""

import numpy as np
import pytest
from omply import (
    omp,
    omp_get_level,
    omp_get_num_teams,
    omp_get_num_threads,
    omp_get_team_num,
    omp_get_thread_num,
)


def league(seen, n):
    with omp("teams num_teams(n)"):
        seen[omp_get_team_num(), 0] += 1
        seen[omp_get_team_num(), 1] = omp_get_num_teams()
        seen[omp_get_team_num(), 2] = (
            omp_get_thread_num() * 100 + omp_get_num_threads() * 10 + omp_get_level()
        )


@pytest.mark.parametrize("n", [1, 2, 5])
def test_every_team_runs_the_block_on_its_initial_thread(team, n):
    for _ in range(5):
        seen = np.zeros((n, 3), dtype=np.int64)
        team(league, seen, n)
        assert seen.tolist() == [[1, n, 10]] * n


def squares(a, by, n):
    with omp("teams distribute parallel for num_teams(n)"):
        for i in range(len(a)):
            a[i] = i * i
            by[i] = omp_get_team_num()


def test_a_distributed_loop_covers_every_iteration_once(program):
    for n in (1, 2, 3):
        a, by = np.full(1001, -1), np.zeros(1001, dtype=np.int64)
        program(squares, a, by, n)
        assert a.tolist() == [i * i for i in range(1001)]
        assert by.tolist() == sorted(by.tolist())


def test_iterations_are_shared_equally_among_the_teams(team):
    a, by = np.zeros(10, dtype=np.int64), np.zeros(10, dtype=np.int64)
    team(squares, a, by, 3)
    assert by.tolist() == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]


def chunks(by, n, size):
    with omp("teams num_teams(n)"):
        with omp("distribute dist_schedule(static, size)"):
            for i in range(len(by)):
                by[i] = omp_get_team_num()


def test_chunks_are_dealt_out_in_turn(team):
    by = np.zeros(11, dtype=np.int64)
    team(chunks, by, 2, 3)
    assert by.tolist() == [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1]


def collapsed(a):
    s = 0
    with omp(
        "teams distribute parallel for num_teams(2) collapse(2) reduction(+: s) dist_schedule(static, 7)"
    ):
        for i in range(a.shape[0]):
            for j in range(a.shape[1]):
                a[i, j] += 1
                s += i * 100 + j
    return s


def test_collapsed_nests_are_distributed_and_reduced(program):
    a = np.zeros((13, 9), dtype=np.int64)
    assert program(collapsed, a) == sum(i * 100 + j for i in range(13) for j in range(9))
    assert a.tolist() == np.ones((13, 9)).tolist()


def last_values(n):
    x = -1
    y = -1
    with omp("teams num_teams(3)"):
        with omp("distribute lastprivate(x)"):
            for i in range(n):
                x = i
    with omp("teams distribute parallel for num_teams(2) lastprivate(y) dist_schedule(static, 5)"):
        for i in range(n):
            y = i * 2
    return x, y


def test_lastprivate_is_the_last_iterations_value(program):
    for n in (1, 3, 100):
        for _ in range(5):
            assert program(last_values, n) == (n - 1, 2 * (n - 1))


def copies(out):
    x = 5
    with omp("teams num_teams(2) firstprivate(x)"):
        x += omp_get_team_num()
        out[omp_get_team_num()] = x
    return x


def test_each_team_has_its_own_copies(team):
    out = np.zeros(2, dtype=np.int64)
    assert team(copies, out) == 5
    assert out.tolist() == [5, 6]


def vectors(a, b):
    with omp("teams distribute simd num_teams(2)"):
        for i in range(len(a)):
            a[i] += 2.0 * b[i]
    with omp("teams loop num_teams(2)"):
        for i in range(len(a)):
            a[i] += b[i]
    with omp("teams distribute parallel for simd"):
        for i in range(len(a)):
            a[i] += b[i]


def test_compounds_with_simd_and_loop(program):
    a, b = np.zeros(1000), np.arange(1000.0)
    program(vectors, a, b)
    assert a.tolist() == (4 * b).tolist()


def empty(a):
    n = 0
    with omp("teams distribute parallel for num_teams(2)"):
        for i in range(n):
            a[i] = 1
    with omp("teams distribute parallel for num_teams(4)"):
        for i in range(1):
            a[i] = 1


def test_loops_with_fewer_iterations_than_teams(program):
    a = np.zeros(3)
    program(empty, a)
    assert a.tolist() == [1, 0, 0]


def failing(n, bad):
    with omp("teams distribute parallel for num_teams(2)"):
        for i in range(n):
            if i == bad:
                raise ValueError("in a team")


def test_an_exception_in_a_team_ends_the_league(team):
    for _ in range(5):
        with pytest.raises(ValueError, match="in a team"):
            team(failing, 1000, 700)
    assert team(failing, 1000, -1) is None


def none_at_all(n):
    with omp("teams num_teams(n)"):
        pass


def test_a_league_has_at_least_one_team(team):
    with pytest.raises(ValueError, match="num_teams must be positive"):
        team(none_at_all, 0)


def out_of_place():
    with omp("parallel"):
        with omp("distribute"):
            for _ in range(10):
                pass


def test_distribute_outside_of_teams_is_refused():
    with pytest.raises(SyntaxError, match="`distribute` may not stand inside of `parallel`"):
        omp(out_of_place)


def last_value(n, teams, threads):
    last = 0
    with omp("teams distribute parallel for num_teams(teams) num_threads(threads) lastprivate(last)"):
        for i in range(n):
            last = i + 1
    return last


@pytest.mark.parametrize("n", [1, 3, 8])
def test_only_the_thread_with_the_last_iteration_gives_its_value_out(program, n):
    for teams in (1, 2):
        for threads in (1, 2, 4):
            assert program(last_value, n, teams, threads) == n


def condition_of_a_private_name(a, wanted):
    with omp("teams num_teams(2)"):
        with omp("distribute parallel for private(wanted) if(parallel: wanted)"):
            for i in range(len(a)):
                wanted = i
                a[i] = wanted


def test_a_condition_is_evaluated_outside_of_the_region_that_has_a_copy(program):
    a = np.zeros(7, dtype=np.int64)
    program(condition_of_a_private_name, a, 1)
    assert a.tolist() == list(range(7))
