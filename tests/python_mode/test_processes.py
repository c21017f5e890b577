"""Forked children, multiprocessing, and the end of the interpreter."""

import pytest

TEAM = """
import os, sys, threading, time
from omply import omp, omp_get_num_threads, omp_get_thread_num, omp_set_num_threads

omp_set_num_threads(3)

@omp(mode="python")
def team_sum(n):
    s = 0
    with omp("parallel for reduction(+: s)"):
        for i in range(n):
            s += i
    return s

@omp(mode="python")
def sleepy():
    with omp("parallel"):
        time.sleep(30)

@omp(mode="python")
def busy():
    with omp("parallel"):
        while True:
            x = sum(range(50))
"""


def check(run, expected):
    assert (run.returncode, run.stdout) == (0, expected), run.stderr
    assert "Fatal" not in run.stderr and "panicked" not in run.stderr


def test_forked_child_has_a_usable_runtime(run_program):
    run = run_program(
        TEAM
        + """
print(team_sum(100), flush=True)
child = os.fork()
if child == 0:
    print(team_sum(200), flush=True)
    sys.exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
print(team_sum(300), flush=True)
"""
    )
    check(run, "4950\n19900\n7\n44850\n")


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(run_program, method):
    run = run_program(
        TEAM
        + f"""
import multiprocessing

if __name__ == "__main__":
    team_sum(10)
    with multiprocessing.get_context("{method}").Pool(2) as pool:
        print(pool.map(team_sum, [100, 200, 300]))
    print(team_sum(10))
"""
    )
    check(run, "[4950, 19900, 44850]\n45\n")


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_tasks_in_children(run_program, method):
    run = run_program(
        TEAM
        + f"""
import multiprocessing

@omp(mode="python")
def squares(n):
    results = [None] * n
    with omp("parallel"):
        with omp("single"):
            for i in range(n):
                with omp("task"):
                    results[i] = i * i
    return sum(results)

if __name__ == "__main__":
    print(squares(10))
    with multiprocessing.get_context("{method}").Pool(2) as pool:
        print(pool.map(squares, [5, 20, 50]))
"""
    )
    check(run, "285\n[30, 2470, 40425]\n")


def test_exit_with_idle_workers(run_program):
    check(run_program(TEAM + "print(team_sum(10))"), "45\n")


def test_exit_from_inside_of_a_region(run_program):
    run = run_program(
        TEAM
        + """
@omp(mode="python")
def leave():
    with omp("parallel"):
        omp("barrier")
        if omp_get_thread_num() == 0:
            sys.exit(5)
leave()
"""
    )
    assert run.returncode == 5, run.stderr


@pytest.mark.parametrize("function", ["sleepy", "busy"])
def test_exit_while_a_daemon_threads_team_works(run_program, function):
    run = run_program(
        TEAM
        + f"""
threading.Thread(target={function}, daemon=True).start()
time.sleep(0.3)
print(team_sum(10), flush=True)
""",
        timeout=20,
    )
    check(run, "45\n")


def test_exit_waits_for_the_team_of_a_normal_thread(run_program):
    run = run_program(
        TEAM
        + """
@omp(mode="python")
def work():
    with omp("parallel"):
        time.sleep(0.3)
    print("done", flush=True)

threading.Thread(target=work).start()
"""
    )
    check(run, "done\n")


def test_immediate_exit(run_program):
    run = run_program(TEAM + "team_sum(10)\nos._exit(4)")
    assert run.returncode == 4
