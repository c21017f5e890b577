"""`detach`: such a task is complete when its code has ended and its event is fulfilled, in either order, by any thread."""

import numpy as np
import pytest
from omply import omp, omp_fulfill_event


def fulfilled_by_another_task(order, n):
    event = 0
    for i in range(n):
        with omp("parallel"):
            with omp("single"):
                with omp("taskgroup"):
                    with omp("task detach(event)"):
                        order[0] += 1
                    with omp("task"):
                        order[1] += 1
                        omp_fulfill_event(event)
                order[2] += order[0] + order[1]
    return order


def test_a_group_waits_until_the_event_is_fulfilled(team):
    order = np.zeros(3, dtype=np.int64)
    team(fulfilled_by_another_task, order, 20)
    assert list(order) == [20, 20, sum(2 * i for i in range(1, 21))]


def fulfilled_inside(n):
    done = 0
    event = 0
    with omp("parallel shared(done)"):
        with omp("single"):
            for i in range(n):
                with omp("task detach(event) shared(done)"):
                    with omp("atomic"):
                        done += 1
                    omp_fulfill_event(event)
            omp("taskwait")
    return done


def test_a_task_fulfils_its_own_event(team):
    assert team(fulfilled_inside, 100) == 100


def dependent(log):
    event = 0
    x = 0  # noqa: F841
    with omp("parallel"):
        with omp("single"):
            with omp("task depend(out: x) detach(event)"):
                log[0] = 1
            with omp("task depend(in: x)"):
                log[2] = log[0] + log[1]
            with omp("task"):
                log[1] = 10
                omp_fulfill_event(event)
    return log


def test_successors_of_a_detached_task_wait_for_its_event(team):
    for _ in range(20):
        assert list(team(dependent, np.zeros(3, dtype=np.int64))) == [1, 10, 11]


def twice():
    event = 0
    with omp("parallel"):
        with omp("single"):
            with omp("task detach(event)"):
                pass
            omp_fulfill_event(event)
            omp("taskwait")
            omp_fulfill_event(event)


def test_fulfilling_an_event_twice_is_an_error(team):
    with pytest.raises(ValueError, match="no event, or it has been fulfilled"):
        team(twice)


def handed_out(events):
    event = 0
    with omp("parallel"):
        with omp("single"):
            with omp("task detach(event)"):
                events[1] = 1
            events[0] = event
            omp("taskwait")
    return events[1]


def test_any_thread_of_the_program_fulfils_an_event(team):
    import threading
    import time

    events = np.zeros(2, dtype=np.int64)

    def other():
        while events[0] == 0:
            time.sleep(0.001)
        time.sleep(0.01)
        omp_fulfill_event(int(events[0]))

    thread = threading.Thread(target=other)
    thread.start()
    assert team(handed_out, events) == 1
    thread.join()


def an_error_beside_it(a):
    event = 0
    with omp("parallel"):
        with omp("single"):
            with omp("task detach(event)"):
                a[0] = 1
            with omp("task"):
                a[len(a)] = 1
    return event


def test_an_error_ends_the_wait_for_an_event_that_nobody_fulfils(team):
    for _ in range(5):
        with pytest.raises(IndexError):
            team(an_error_beside_it, np.zeros(2))
