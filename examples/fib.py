"""Fibonacci numbers the slow way: every call is a task of its own, and no call is too small to be one.

It shows what a task costs. The first task may go to another thread; the second one is what this thread does next.
"""

import sys
import time

from omply import omp


@omp
def fib(n: int) -> int:
    if n < 2:
        return n
    x = 0
    y = 0
    with omp("task shared(x)"):
        x = fib(n - 1)
    with omp("task shared(y)"):
        y = fib(n - 2)
    omp("taskwait")
    return x + y


@omp
def by_a_team(n: int) -> int:
    result = 0
    with omp("parallel"):
        with omp("single"):
            result = fib(n)
    return result


def expected(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    by_a_team(5)
    begin = time.perf_counter()
    found = by_a_team(n)
    seconds = time.perf_counter() - begin
    assert found == expected(n), found
    print(f"fib({n}) = {found}, {seconds:.3f} s")
