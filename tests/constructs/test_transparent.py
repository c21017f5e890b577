"""`transparent`: dependences across the border of a task. `affinity` and `threadset`: hints."""

import numpy as np
from omply import omp, omp_export, omp_impex, omp_import, omp_not_impex  # noqa: F401


def exported(log, n):
    x = 0  # noqa: F841
    for i in range(n):
        with omp("parallel"):
            with omp("single"):
                with omp("task transparent(omp_export) depend(out: x)"):
                    with omp("task depend(out: x)"):
                        s = 0
                        for k in range(200):
                            s += k
                        log[i] = s - 19900 + 1
                with omp("task depend(in: x)"):
                    log[i] = log[i] * 10 + 2
    return log


def test_tasks_after_an_exporting_task_wait_for_its_children(team):
    log = np.zeros(30, dtype=np.int64)
    assert (team(exported, log, 30) == 12).all()


def imported(log, n):
    x = 0  # noqa: F841
    for i in range(n):
        with omp("parallel"):
            with omp("single"):
                with omp("task depend(out: x)"):
                    s = 0
                    for k in range(200):
                        s += k
                    log[i] = s - 19900 + 1
                with omp("task transparent(omp_import)"):
                    with omp("task depend(in: x)"):
                        log[i] = log[i] * 10 + 2
    return log


def test_children_of_an_importing_task_wait_for_tasks_before_it(team):
    log = np.zeros(30, dtype=np.int64)
    assert (team(imported, log, 30) == 12).all()


def both(log, n):
    x = 0  # noqa: F841
    for i in range(n):
        with omp("parallel"):
            with omp("single"):
                with omp("task depend(out: x)"):
                    log[i] = 1
                with omp("task transparent depend(inout: x)"):
                    with omp("task depend(inout: x)"):
                        log[i] = log[i] * 10 + 2
                    with omp("task depend(inout: x)"):
                        log[i] = log[i] * 10 + 3
                with omp("task transparent(omp_impex) depend(inout: x)"):
                    with omp("task depend(inout: x)"):
                        log[i] = log[i] * 10 + 4
                with omp("task depend(in: x)"):
                    log[i] = log[i] * 10 + 5
    return log


def test_dependences_go_through_transparent_tasks(team):
    log = np.zeros(30, dtype=np.int64)
    result = team(both, log, 30)
    assert {str(value) for value in result} <= {"12345"}


def hints(a, kind):
    with omp("parallel"):
        with omp("single"):
            for i in range(len(a)):
                with omp("task affinity(a[i]) threadset(omp_pool) transparent(kind) untied"):
                    a[i] += 1
            for i in range(0, len(a), 4):
                with omp("task affinity(a[i : i + 4])"):
                    a[i] += 1
    return a


def test_hints_change_no_result(team):
    a = np.zeros(40, dtype=np.int64)
    team(hints, a, omp_not_impex)
    assert a.sum() >= 40
