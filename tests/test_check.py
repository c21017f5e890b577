"""`OMPLY_CHECK=1`: what would hang or go wrong silently is an error that names both places."""

import pytest

PROGRAM = """
from omply import *

@omp(mode={mode!r})
def f(n):
{body}

try:
    f(4)
except RuntimeError as error:
    print("found:", error)
else:
    print("nothing")
"""


@pytest.fixture(params=["python", "native"])
def report(request, run_program):
    def run(body, **variables):
        lines = "".join(f"    {line}\n" for line in body.strip("\n").splitlines())
        text = PROGRAM.format(mode=request.param, body=lines)
        done = run_program(text, timeout=30, OMPLY_CHECK=1, OMP_NUM_THREADS=4, **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def lines_of(report):
    import re

    return [int(number) for number in re.findall(r"(?:line |program\.py:)(\d+)", report)]


def test_a_barrier_that_not_all_threads_meet(report):
    found = report(
        """
with omp("parallel"):
    if omp_get_thread_num() == 1:
        omp("barrier")
    n += 0
"""
    )
    assert "`barrier` at" in found and "the end of the region" in found
    assert sorted(set(lines_of(found))) == [6, 8]


def test_different_barriers_are_told_apart(report):
    found = report(
        """
with omp("parallel"):
    if omp_get_thread_num() % 2 == 1:
        omp("barrier")
    else:
        omp("barrier")
"""
    )
    assert "found:" in found
    assert sorted(set(lines_of(found))) == [8, 10]


def test_a_loop_that_not_all_threads_meet(report):
    found = report(
        """
with omp("parallel"):
    if omp_get_thread_num() != 0:
        with omp("for"):
            for i in range(n):
                pass
    omp("barrier")
"""
    )
    assert "`for` at" in found and "`barrier` at" in found
    assert sorted(set(lines_of(found))) == [8, 11]


def test_a_single_that_not_all_threads_meet(report):
    found = report(
        """
with omp("parallel"):
    if omp_get_thread_num() < 2:
        with omp("single"):
            n = 1
"""
    )
    assert "`single` at" in found


def test_a_balanced_program_is_left_alone(report):
    found = report(
        """
with omp("parallel"):
    for k in range(3):
        with omp("for nowait schedule(dynamic)"):
            for i in range(n):
                pass
        omp("barrier")
    with omp("masked"):
        with omp("parallel num_threads(2)"):
            omp("barrier")
    with omp("single"):
        n = 1
"""
    )
    assert found == "nothing\n"


def test_regions_after_a_failed_one_begin_anew(run_program):
    text = """
from omply import *

@omp(mode="python")
def wrong():
    with omp("parallel"):
        if omp_get_thread_num() == 1:
            omp("barrier")

@omp(mode="python")
def right():
    with omp("parallel"):
        omp("barrier")
        with omp("single"):
            pass

for _ in range(3):
    try:
        wrong()
    except OmplyRuntimeError:
        print("wrong")
    right()
"""
    run = run_program(text, OMPLY_CHECK=1, OMP_NUM_THREADS=3)
    assert (run.stdout, run.returncode) == ("wrong\n" * 3, 0), run.stderr


def test_a_barrier_in_a_function_called_from_critical(run_program):
    text = """
from omply import *

@omp(mode="python")
def meet():
    omp("barrier")

@omp(mode="python")
def f():
    with omp("parallel"):
        with omp("critical"):
            meet()

try:
    f()
except OmplyRuntimeError as error:
    print(error)
"""
    run = run_program(text, OMPLY_CHECK=1, OMP_NUM_THREADS=2, timeout=30)
    assert "program.py:6 is met inside of `critical` at " in run.stdout
    assert "program.py:11: all threads of the team" in run.stdout


def test_a_barrier_in_a_task(run_program):
    text = """
from omply import *

@omp(mode="python")
def meet():
    omp("barrier")

@omp(mode="python")
def f():
    with omp("parallel"):
        with omp("single"):
            with omp("task"):
                meet()

try:
    f()
except OmplyRuntimeError as error:
    print(error)
"""
    run = run_program(text, OMPLY_CHECK=1, OMP_NUM_THREADS=2, timeout=30)
    assert "`barrier` at" in run.stdout and "is met in a task" in run.stdout


@pytest.mark.parametrize("kind", ["lock", "nest_lock"])
def test_a_destroyed_lock_cannot_be_used(kind):
    import omply

    def routine(name, lock):
        return getattr(omply, f"omp_{name}_{kind}")(lock)

    lock = getattr(omply, f"omp_init_{kind}")()
    routine("set", lock)
    with pytest.raises(RuntimeError, match="cannot be destroyed"):
        routine("destroy", lock)
    routine("unset", lock)
    routine("destroy", lock)
    for name in ("set", "unset", "test", "destroy"):
        with pytest.raises(RuntimeError, match="has been destroyed"):
            routine(name, lock)


def test_a_lock_is_not_set_twice_by_a_task():
    from omply import omp_init_lock, omp_set_lock, omp_unset_lock

    lock = omp_init_lock()
    omp_set_lock(lock)
    with pytest.raises(RuntimeError, match="wait for ever"):
        omp_set_lock(lock)
    omp_unset_lock(lock)
    with pytest.raises(RuntimeError, match="not set"):
        omp_unset_lock(lock)
