"""Locks, in every mode: exclusion, nesting, tests; misuse is an error."""

import pytest
from omply import (
    omp,
    omp_destroy_lock,
    omp_destroy_nest_lock,
    omp_init_lock,
    omp_init_lock_with_hint,
    omp_init_nest_lock,
    omp_init_nest_lock_with_hint,
    omp_set_lock,
    omp_set_nest_lock,
    omp_sync_hint_contended,
    omp_test_lock,
    omp_test_nest_lock,
    omp_unset_lock,
    omp_unset_nest_lock,
)


def counting(n: int) -> int:
    lock = omp_init_lock()
    total = 0
    with omp("parallel for"):
        for i in range(n):
            omp_set_lock(lock)
            total += i
            omp_unset_lock(lock)
    omp_destroy_lock(lock)
    return total


def test_one_thread_at_a_time(program):
    for _ in range(3):
        assert program(counting, 2000) == sum(range(2000))


def nested(n: int) -> int:
    lock = omp_init_nest_lock()
    total = 0
    with omp("parallel for"):
        for i in range(n):
            omp_set_nest_lock(lock)
            omp_set_nest_lock(lock)
            total += i
            omp_unset_nest_lock(lock)
            total += 1
            omp_unset_nest_lock(lock)
    omp_destroy_nest_lock(lock)
    return total


def test_a_nestable_lock_is_set_twice(program):
    for _ in range(3):
        assert program(nested, 500) == sum(range(500)) + 500


def tried() -> int:
    lock = omp_init_lock_with_hint(omp_sync_hint_contended)
    nest = omp_init_nest_lock_with_hint(0)
    result = 0
    if omp_test_lock(lock):
        result += 1
    if omp_test_lock(lock):
        result += 10
    omp_unset_lock(lock)
    result += 100 * omp_test_nest_lock(nest)
    result += 1000 * omp_test_nest_lock(nest)
    omp_unset_nest_lock(nest)
    omp_unset_nest_lock(nest)
    omp_destroy_lock(lock)
    omp_destroy_nest_lock(nest)
    return result


def test_tests(program):
    assert program(tried) == 2101


def set_twice():
    lock = omp_init_lock()
    omp_set_lock(lock)
    omp_set_lock(lock)


def unset_first():
    lock = omp_init_lock()
    omp_unset_lock(lock)


def destroyed():
    lock = omp_init_lock()
    omp_destroy_lock(lock)
    omp_set_lock(lock)


def destroyed_while_set():
    lock = omp_init_lock()
    omp_set_lock(lock)
    omp_destroy_lock(lock)


def destroyed_nested_while_set():
    lock = omp_init_nest_lock()
    omp_set_nest_lock(lock)
    omp_destroy_nest_lock(lock)


def unset_by_another():
    lock = omp_init_lock()
    with omp("parallel num_threads(2)"):
        with omp("masked"):
            omp_set_lock(lock)
        omp("barrier")
        with omp("masked filter(1)"):
            omp_unset_lock(lock)


MISUSE = [
    (set_twice, "wait for ever"),
    (unset_first, "not set"),
    (destroyed, "has been destroyed"),
    (destroyed_while_set, "cannot be destroyed"),
    (destroyed_nested_while_set, "cannot be destroyed"),
    (unset_by_another, "set by another task"),
]


@pytest.mark.parametrize(("wrong", "message"), MISUSE, ids=lambda part: getattr(part, "__name__", ""))
def test_misuse_is_an_error(team, wrong, message):
    with pytest.raises(RuntimeError, match=message):
        team(wrong)


def fails_with_a_lock(n: int) -> int:
    lock = omp_init_lock()
    total = 0
    with omp("parallel num_threads(4)"):
        omp_set_lock(lock)
        total += 1
        if n == 0:
            raise ValueError("no more")
        omp_unset_lock(lock)
    return total


def test_threads_that_wait_for_a_lock_follow_an_error(team):
    for _ in range(3):
        with pytest.raises(ValueError, match="no more"):
            team(fails_with_a_lock, 0)
        assert team(fails_with_a_lock, 1) == 4
