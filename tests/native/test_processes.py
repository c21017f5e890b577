"""Native mode in processes and threads: fork, multiprocessing, many Python threads, interpreter exit."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from omply import omp


@omp(mode="native")
def total(n):
    s = 0
    with omp("parallel for reduction(+: s) num_threads(4)"):
        for i in range(n):
            s += i
    return s


@omp(mode="native")
def fill(a, value):
    with omp("parallel for num_threads(3) schedule(dynamic, 16)"):
        for i in range(len(a)):
            a[i] = value


HEAD = """
import os
import sys
import threading
from omply import omp

@omp(mode="native")
def total(n):
    s = 0
    with omp("parallel for reduction(+: s) num_threads(4)"):
        for i in range(n):
            s += i
    return s

"""


def test_fork_while_idle(run_program):
    program = """
assert total(1000) == 499500
for _ in range(5):
    pid = os.fork()
    if pid == 0:
        ok = total(1000) == 499500 and total(10) == 45
        os._exit(0 if ok else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert total(1000) == 499500
print("done")
"""
    result = run_program(HEAD + program)
    assert result.stdout == "done\n", result.stderr


def test_fork_before_the_first_region(run_program):
    program = """
pid = os.fork()
assert total(1000) == 499500
if pid == 0:
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
print("done")
"""
    result = run_program(HEAD + program)
    assert result.stdout == "done\n", result.stderr


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(run_program, method):
    program = f"""
if __name__ == "__main__":
    import multiprocessing
    assert total(10) == 45
    with multiprocessing.get_context("{method}").Pool(2) as pool:
        assert pool.map(total, [10, 100, 1000]) == [45, 4950, 499500]
    print("done")
"""
    result = run_program(HEAD + program)
    assert result.stdout == "done\n", result.stderr


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_tasks_in_children(run_program, method):
    program = f"""
@omp(mode="native")
def fib(n):
    if n < 2:
        return n
    a = 0
    b = 0
    with omp("task shared(a)"):
        a = fib(n - 1)
    with omp("task shared(b)"):
        b = fib(n - 2)
    omp("taskwait")
    return a + b

@omp(mode="native")
def team_fib(n):
    r = 0
    with omp("parallel num_threads(4)"):
        with omp("single"):
            r = fib(n)
    return r

if __name__ == "__main__":
    import multiprocessing
    assert team_fib(15) == 610
    with multiprocessing.get_context("{method}").Pool(2) as pool:
        assert pool.map(team_fib, [10, 12, 14, 16]) == [55, 144, 377, 987]
    assert team_fib(15) == 610
    print("done")
"""
    result = run_program(HEAD + program)
    assert result.stdout == "done\n", result.stderr


def test_fork_while_another_thread_is_in_a_region(run_program):
    program = """
@omp(mode="native")
def long(n):
    s = 0
    for round in range(n):
        with omp("parallel for reduction(+: s) num_threads(3) schedule(dynamic)"):
            for i in range(100):
                s += i
    return s

other = threading.Thread(target=long, args=(20000,))
other.start()
for _ in range(10):
    pid = os.fork()
    if pid == 0:
        os._exit(0 if total(1000) == 499500 else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert total(1000) == 499500
other.join()
print("done")
"""
    result = run_program(HEAD + program)
    assert result.stdout == "done\n", result.stderr


def test_fork_while_another_thread_compiles(run_program):
    """The child neither waits for what the compiling thread held, nor for the signature that it was about to finish."""
    functions = "".join(
        f"""
@omp(mode="native")
def other{number}(n):
    s = {number}
    with omp("parallel for reduction(+: s) num_threads(2)"):
        for i in range(n):
            s += i * i
    return s
"""
        for number in range(8)
    )
    program = """
import time

others = [other0, other1, other2, other3, other4, other5, other6, other7]
for number, other in enumerate(others):
    compiling = threading.Thread(target=other, args=(4,))
    compiling.start()
    time.sleep(number * 0.002)
    pid = os.fork()
    if pid == 0:
        os._exit(0 if other(4) == 14 + number and total(1000) == 499500 else 1)
    assert os.waitpid(pid, 0)[1] == 0
    compiling.join()
print("done")
"""
    result = run_program(HEAD + functions + program)
    assert result.stdout == "done\n", result.stderr


def test_exit_right_after_a_region(run_program):
    result = run_program(HEAD + "print(total(100))\n")
    assert (result.returncode, result.stdout) == (0, "4950\n"), result.stderr


def test_exit_while_a_thread_is_in_a_region(run_program):
    program = """
@omp(mode="native")
def endless(n):
    with omp("parallel num_threads(2)"):
        i = 0
        while i >= 0:
            i = (i + 1) % 1000

threading.Thread(target=endless, args=(1,), daemon=True).start()
import time
time.sleep(0.5)
print("leaving")
"""
    result = run_program(HEAD + program)
    assert (result.returncode, result.stdout) == (0, "leaving\n"), result.stderr


def test_many_python_threads_at_once():
    barrier = threading.Barrier(8)

    def work(i):
        barrier.wait()
        results = []
        for n in range(100):
            results.append(total(n + i) == (n + i) * (n + i - 1) // 2)
            a = np.zeros(100 + i)
            fill(a, float(i))
            results.append(bool((a == i).all()))
        return all(results)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


def test_threads_that_compile_the_same_function_at_once():
    @omp(mode="native")
    def fresh(a, n):
        s = a[0] * 0
        with omp("parallel for reduction(+: s) num_threads(2)"):
            for i in range(n):
                s += a[i]
        return s

    barrier = threading.Barrier(8)
    dtypes = ["int64", "float64", "float32", "int32"]

    def work(i):
        a = np.arange(100).astype(dtypes[i % 4])
        barrier.wait()
        return fresh(a, 100)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [4950] * 8


def test_native_code_does_not_hold_the_interpreter():
    @omp(mode="native")
    def slow(n):
        x = 0
        for i in range(n):
            x = (x * 1103515245 + 12345 + i) % 2147483648
        return x

    slow(10)
    ticks = []
    worker = threading.Thread(target=slow, args=(4_000_000_000,))
    worker.start()
    while worker.is_alive():
        ticks.append(1)
        worker.join(0.01)
    assert len(ticks) > 3


@omp(mode="python")
def python_region(n):
    results = [0] * 3
    from omply import omp_get_thread_num

    with omp("parallel num_threads(3)"):
        results[omp_get_thread_num()] = total(n)
    return results


def test_native_regions_within_python_regions():
    for _ in range(20):
        assert python_region(100) == [4950] * 3
