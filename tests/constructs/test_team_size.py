"""`num_threads` with lists, `strict`, `severity` and `message`; `safesync`."""

import numpy as np
import pytest
from omply import OmplyWarning, omp, omp_get_max_active_levels, omp_get_num_threads, omp_set_max_active_levels


@pytest.fixture(autouse=True)
def three_levels():
    before = omp_get_max_active_levels()
    omp_set_max_active_levels(3)
    yield
    omp_set_max_active_levels(before)


def listed(sizes):
    with omp("parallel num_threads(2, 3, 1 + 1) safesync(2)"):
        with omp("masked"):
            sizes[0] = omp_get_num_threads()
            with omp("parallel"):
                with omp("masked"):
                    sizes[1] = omp_get_num_threads()
                    with omp("parallel"):
                        with omp("masked"):
                            sizes[2] = omp_get_num_threads()
    with omp("parallel"):
        with omp("masked"):
            sizes[3] = omp_get_num_threads()


def test_a_list_counts_for_the_levels_below(team):
    sizes = np.zeros(4, dtype=np.int64)
    team(listed, sizes)
    assert sizes.tolist() == [2, 3, 2, team.threads]


def not_positive(n):
    with omp("parallel num_threads(2, n)"):
        pass


def test_every_size_of_a_list_is_positive(team):
    with pytest.raises(ValueError, match="positive"):
        team(not_positive, 0)


def beyond_the_levels(sizes):
    with omp("parallel num_threads(2)"):
        with omp("masked"):
            with omp("parallel num_threads(strict: 2) message('too deep')"):
                sizes[0] = omp_get_num_threads()


def test_a_strict_size_that_cannot_be_met_is_an_error_with_its_message(team):
    omp_set_max_active_levels(1)
    sizes = np.zeros(1, dtype=np.int64)
    with pytest.raises(RuntimeError, match="too deep"):
        team(beyond_the_levels, sizes)
    assert sizes[0] == 0


def beyond_the_levels_with_a_warning(sizes):
    with omp("parallel num_threads(2)"):
        with omp("masked"):
            with omp("parallel num_threads(strict: 2) severity(warning) message('too deep')"):
                sizes[0] = omp_get_num_threads()


def test_a_warning_goes_on_with_a_smaller_team_in_python_mode():
    omp_set_max_active_levels(1)
    sizes = np.zeros(1, dtype=np.int64)
    with pytest.warns(OmplyWarning, match="too deep"):
        omp(mode="python")(beyond_the_levels_with_a_warning)(sizes)
    assert sizes[0] == 1


def test_a_warning_goes_on_with_a_smaller_team_in_native_mode(capfd):
    omp_set_max_active_levels(1)
    sizes = np.zeros(1, dtype=np.int64)
    omp(mode="native")(beyond_the_levels_with_a_warning)(sizes)
    assert sizes[0] == 1
    assert capfd.readouterr().err.count("too deep") == 1
