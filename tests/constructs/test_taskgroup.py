"""`taskgroup` and its cancellation: tasks of a cancelled group that have not begun do not begin, the others end early."""

import numpy as np
import pytest
from omply import omp, omp_get_cancellation

pytestmark = pytest.mark.skipif(not omp_get_cancellation(), reason="cancellation is switched off")


def searched(a, wanted, pieces):
    place = -1
    length = len(a) // pieces
    with omp("parallel shared(place)"):
        with omp("single"):
            with omp("taskgroup"):
                for piece in range(pieces):
                    with omp("task"):
                        for i in range(piece * length, (piece + 1) * length):
                            if a[i] == wanted:
                                with omp("atomic write"):
                                    place = i
                                omp("cancel taskgroup")
                            if i % 16 == 0:
                                omp("cancellation_point taskgroup")
    return place


def test_a_search_by_tasks_ends_when_one_has_found_it(team):
    a = np.arange(4096)
    for wanted in (0, 1000, 4095):
        assert team(searched, a, wanted, 16) == wanted
    assert team(searched, a, -7, 16) == -1


def after_cancel(done):
    with omp("parallel"):
        with omp("single"):
            with omp("taskgroup"):
                with omp("task if(False)"):
                    done[0] = 1
                    omp("cancel taskgroup")
                    done[1] = 1
                for i in range(2, len(done)):
                    with omp("task"):
                        done[i] = 1
    return done.sum()


def test_a_cancelled_group_begins_no_more_tasks_and_its_task_ends_there(team):
    for _ in range(10):
        done = np.zeros(100, dtype=np.int64)
        assert team(after_cancel, done) == 1
        assert done[0] == 1


def not_activated(n, active):
    done = 0
    with omp("parallel shared(done)"):
        with omp("single"):
            with omp("taskgroup"):
                for i in range(n):
                    with omp("task"):
                        omp("cancel taskgroup if(active)")
                        with omp("atomic"):
                            done += 1
    return done


def test_cancel_whose_condition_is_false_cancels_nothing(team):
    assert team(not_activated, 50, False) == 50
    assert team(not_activated, 50, True) < 50


def nested(n):
    inner = 0
    outer = 0
    with omp("parallel shared(inner, outer)"):
        with omp("single"):
            with omp("taskgroup"):
                for i in range(n):
                    with omp("task shared(inner, outer)"):
                        with omp("taskgroup"):
                            with omp("task if(False)"):
                                omp("cancel taskgroup")
                                with omp("atomic"):
                                    inner += 1
                            with omp("task"):
                                with omp("atomic"):
                                    inner += 1
                        with omp("atomic"):
                            outer += 1
    return inner, outer


def test_only_the_innermost_group_is_cancelled(team):
    assert team(nested, 30) == (0, 30)


def cancelled_loop(done, stop):
    with omp("parallel"):
        with omp("single"):
            with omp("taskloop num_tasks(20)"):
                for i in range(len(done)):
                    if i == stop:
                        omp("cancel taskgroup")
                    done[i] = 1
    return done.sum()


def test_a_taskloop_is_cancelled_as_its_group(team):
    done = np.zeros(400, dtype=np.int64)
    assert team(cancelled_loop, done, -1) == 400
    done = np.zeros(400, dtype=np.int64)
    assert team(cancelled_loop, done, 210) <= 390
    assert done[210:220].sum() == 0


def children_of_a_left_task(n):
    """A task that leaves has children whose data lie in its frame."""
    total = 0
    with omp("parallel shared(total)"):
        with omp("single"):
            for i in range(n):
                with omp("taskgroup"):
                    with omp("task shared(total)"):
                        a = 0
                        with omp("task shared(a)"):
                            a = 5
                        if i >= 0:
                            omp("cancel taskgroup")
                        omp("taskwait")
                        with omp("atomic"):
                            total += a
    return total


def test_a_task_that_leaves_waits_for_children_in_its_frame(team):
    for _ in range(5):
        assert team(children_of_a_left_task, 50) == 0
