"""`groupprivate`: a variable of the module of which every team of a league has its own."""

import numpy as np
import pytest
from omply import OmplySyntaxError, omp, omp_get_team_num, omp_get_thread_num

counter = 7
omp("groupprivate(counter) device_type(any)")

COPIES = 4


def per_team(out):
    global counter
    with omp("teams num_teams(4) thread_limit(3)"):
        counter = omp_get_team_num() * 10
        with omp("parallel num_threads(3)"):
            with omp("critical"):
                counter += 1
        out[omp_get_team_num()] = counter
    return out


def test_each_team_has_its_own_which_its_threads_share(team):
    for _ in range(3):
        assert team(per_team, np.zeros(COPIES)).tolist() == [3.0, 13.0, 23.0, 33.0]


def outside(n: int):
    global counter
    counter = n
    with omp("parallel num_threads(4)"):
        with omp("critical"):
            counter += 1
    return counter


def test_outside_of_leagues_all_threads_share_one(team):
    assert team(outside, 100) == 104


def after(out):
    global counter
    counter = 1
    with omp("teams num_teams(4) thread_limit(3)"):
        counter = 50 + omp_get_team_num()
    out[0] = counter
    return out


def test_a_league_leaves_the_encountering_threads_alone(team):
    assert team(after, np.zeros(1)).tolist() == [1.0]


def read(out):
    with omp("teams num_teams(4) thread_limit(3)"):
        with omp("parallel num_threads(2)"):
            if omp_get_thread_num() == 1:
                out[omp_get_team_num()] = counter
    return out


def test_a_teams_copy_starts_anew(team):
    globals()["counter"] = 7
    team(per_team, np.zeros(COPIES))
    assert team(read, np.zeros(COPIES)).tolist() == [7.0] * COPIES


def test_clauses_do_not_list_it():
    def listed():
        global counter
        with omp("parallel private(counter)"):
            counter = 1

    def copied():
        global counter
        with omp("parallel copyin(counter)"):
            counter = 1

    with pytest.raises(OmplySyntaxError, match="the groupprivate variable `counter` is listed in `private`"):
        omp(mode="python")(listed)
    with pytest.raises(OmplySyntaxError, match="`counter` is not threadprivate"):
        omp(mode="python")(copied)


def test_a_local_variable_is_none():
    def local(n):
        omp("groupprivate(x)")
        x = n
        return x

    with pytest.raises(OmplySyntaxError, match="a local variable and cannot be groupprivate"):
        omp(mode="python")(local)
