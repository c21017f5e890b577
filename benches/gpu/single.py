"""Measures one thing in an interpreter of its own: `launch`, microseconds of an empty region with everything present; `compile`,
milliseconds of a region's first launch less those of its second, on a device that is awake."""

import sys
import time

import numpy as np
from omply import omp


@omp(mode="native")
def wake(array):
    with omp("target"):
        array[0] = 0.0


@omp(mode="native")
def regions(array, count):
    with omp("target_data map(to: array)"):
        for _ in range(count):
            with omp("target teams distribute parallel for num_teams(1) map(to: array)"):
                for i in range(len(array)):
                    array[i] = 1.0


@omp(mode="native")
def first(x, y, a, on_device):
    with omp("target teams distribute parallel for if(target: on_device) map(to: x) map(tofrom: y)"):
        for i in range(len(x)):
            y[i] = a * x[i] + y[i]


def launch():
    array = np.zeros(1)
    regions(array, 10)
    best = float("inf")
    for _ in range(20):
        start = time.perf_counter()
        regions(array, 1000)
        best = min(best, time.perf_counter() - start)
    print(best / 1000 * 1e6)


def compile_():
    x, y = np.zeros(16), np.zeros(16)
    wake(x)
    first(x, y, 2.0, False)  # the host's code is there
    start = time.perf_counter()
    first(x, y, 2.0, True)
    middle = time.perf_counter()
    first(x, y, 2.0, True)
    print((2 * middle - start - time.perf_counter()) * 1e3)


if __name__ == "__main__":
    {"launch": launch, "compile": compile_}[sys.argv[1]]()
