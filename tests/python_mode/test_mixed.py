"""Native functions in regions of python mode: one runtime, one team."""

import numpy as np
import pytest
from omply import _core, omp, omp_get_max_active_levels, omp_get_thread_num, omp_set_max_active_levels

if not _core.has_native:
    pytest.skip("built without native mode", allow_module_level=True)


@omp(mode="native")
def my_number():
    return omp_get_thread_num()


@omp(mode="native")
def orphaned_fill(a):
    with omp("for"):
        for i in range(len(a)):
            a[i] += 1.0


@omp(mode="native")
def own_team(a):
    s = 0.0
    with omp("parallel for reduction(+: s) num_threads(2)"):
        for i in range(len(a)):
            s += a[i]
    return s


@omp(mode="native")
def element(a, i):
    return a[i]


@omp(mode="python")
def numbers(out):
    with omp("parallel num_threads(4)"):
        out[omp_get_thread_num()] = my_number()


def test_native_code_knows_the_team():
    out = [None] * 4
    for _ in range(10):
        numbers(out)
        assert out == [0, 1, 2, 3]


@omp(mode="python")
def share_out(a):
    with omp("parallel num_threads(3)"):
        orphaned_fill(a)


def test_native_loop_binds_to_a_team_of_python_mode():
    a = np.zeros(1000)
    for _ in range(10):
        share_out(a)
    assert (a == 10.0).all()


@omp(mode="python")
def nested(a, out):
    with omp("parallel for num_threads(3)"):
        for i in range(12):
            out[i] = own_team(a)


@pytest.mark.parametrize("levels", [1, 2])
def test_native_team_inside_of_a_python_team(levels):
    before = omp_get_max_active_levels()
    omp_set_max_active_levels(levels)
    out = [None] * 12
    nested(np.arange(100.0), out)
    omp_set_max_active_levels(before)
    assert out == [4950.0] * 12


@omp(mode="python")
def fails(a):
    with omp("parallel num_threads(3)"):
        if omp_get_thread_num() == 1:
            element(a, 1000)
        omp("barrier")


def test_exception_of_native_code_ends_the_team():
    with pytest.raises(IndexError) as caught:
        fails(np.zeros(3))
    assert any("thread 1 of the region" in note for note in caught.value.__notes__)
