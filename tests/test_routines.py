"""The omp_* routines and constants, and locks."""

import os
import threading
import time

import omply
import pytest
from omply import *  # noqa: F403
from omply import _core, omp


def test_everything_in_the_extension_is_exported():
    routines = {name for name in vars(_core) if name.startswith("omp_")}
    assert routines <= set(omply.__all__)


def test_sequential_part():
    assert omply.omp_get_num_threads() == 1
    assert omply.omp_get_thread_num() == 0
    assert omply.omp_get_level() == omply.omp_get_active_level() == 0
    assert omply.omp_in_parallel() is False
    assert omply.omp_get_team_size(0) == 1
    assert omply.omp_get_ancestor_thread_num(0) == 0
    assert omply.omp_get_ancestor_thread_num(5) == -1
    assert omply.omp_get_num_procs() == len(os.sched_getaffinity(0))


def test_number_of_threads():
    before = omply.omp_get_max_threads()
    omply.omp_set_num_threads(3)
    assert omply.omp_get_max_threads() == 3
    omply.omp_set_num_threads(before)
    with pytest.raises(ValueError, match="must be positive, not 0"):
        omply.omp_set_num_threads(0)


def test_schedule():
    before = omply.omp_get_schedule()
    omply.omp_set_schedule(omply.omp_sched_guided, 5)
    assert omply.omp_get_schedule() == (omply.omp_sched_guided, 5)
    omply.omp_set_schedule(*before)
    with pytest.raises(ValueError, match="not one of the omp_sched"):
        omply.omp_set_schedule(9)


def test_time():
    start = omply.omp_get_wtime()
    time.sleep(0.01)
    assert 0.005 < omply.omp_get_wtime() - start < 5
    assert 0 < omply.omp_get_wtick() < 0.01


def test_affinity_format():
    before = omply.omp_get_affinity_format()
    omply.omp_set_affinity_format("thread %n of %N")
    assert omply.omp_capture_affinity() == "thread 0 of 1"
    assert omply.omp_capture_affinity("level %L") == "level 0"
    omply.omp_set_affinity_format(before)


def test_environment_is_displayed(run_program):
    run = run_program("import omply\nomply.omp_display_env()", OMP_NUM_THREADS=3)
    assert "OPENMP DISPLAY ENVIRONMENT BEGIN" in run.stderr
    assert "OMP_NUM_THREADS" in run.stderr


def test_lock():
    lock = omply.omp_init_lock()
    omply.omp_set_lock(lock)
    assert not omply.omp_test_lock(lock)
    with pytest.raises(RuntimeError, match="already set by this task"):
        omply.omp_set_lock(lock)
    omply.omp_unset_lock(lock)
    with pytest.raises(RuntimeError, match="not set"):
        omply.omp_unset_lock(lock)
    with lock:
        assert not omply.omp_test_lock(lock)
    assert omply.omp_test_lock(lock)
    omply.omp_unset_lock(lock)
    omply.omp_destroy_lock(lock)


def test_nest_lock():
    lock = omply.omp_init_nest_lock()
    with lock, lock:
        assert omply.omp_test_nest_lock(lock) == 3
        omply.omp_unset_nest_lock(lock)
    omply.omp_destroy_nest_lock(lock)


def test_a_waiting_thread_lets_others_run():
    lock = omply.omp_init_lock()
    omply.omp_set_lock(lock)
    entered = []

    def wait():
        with lock:
            entered.append(1)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.05)
    assert not entered
    omply.omp_unset_lock(lock)
    thread.join(10)
    assert entered == [1]


def test_locks_in_a_team():
    @omp(mode="python")
    def count(lock, total, n):
        with omp("parallel num_threads(4)"):
            for _ in range(n):
                with lock:
                    total[0] += 1

    total = [0]
    count(omply.omp_init_lock(), total, 200)
    assert total == [800]


def test_import_is_quick_and_light(run_program):
    run = run_program(
        """
import sys, time
import numpy
before = set(sys.modules)
start = time.process_time()
import omply
print(time.process_time() - start)
print(*sorted({"inspect", "ast", "typing", "dataclasses", "omply._rewrite"} & (set(sys.modules) - before)))
"""
    )
    seconds, modules = run.stdout.split("\n")[:2]
    assert float(seconds) < 0.15
    assert modules == ""
