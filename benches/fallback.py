"""Regions where there is no device, over the same loops without `target`: the ratio of their times, call by call in turns, and what an
empty region costs. Part of `make bench`."""

import statistics
import time

import numpy as np
from omply import omp

LIMIT = 1.05


@omp(mode="native")
def saxpy(a, b, c, s):
    with omp("parallel for"):
        for i in range(a.shape[0]):
            a[i] = b[i] + s * c[i]


@omp(mode="native")
def saxpy_target(a, b, c, s):
    with omp("target teams distribute parallel for map(from: a) map(to: b, c)"):
        for i in range(a.shape[0]):
            a[i] = b[i] + s * c[i]


@omp(mode="native")
def dot(b, c):
    s = 0.0
    with omp("parallel for reduction(+: s)"):
        for i in range(b.shape[0]):
            s += b[i] * c[i]
    return s


@omp(mode="native")
def dot_target(b, c):
    s = 0.0
    with omp("target teams distribute parallel for reduction(+: s) map(to: b, c)"):
        for i in range(b.shape[0]):
            s += b[i] * c[i]
    return s


@omp(mode="native")
def stencil(u, v):
    with omp("parallel for"):
        for i in range(1, u.shape[0] - 1):
            for j in range(1, u.shape[1] - 1):
                v[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])


@omp(mode="native")
def stencil_target(u, v):
    with omp("target teams distribute parallel for map(to: u) map(tofrom: v)"):
        for i in range(1, u.shape[0] - 1):
            for j in range(1, u.shape[1] - 1):
                v[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])


@omp(mode="native")
def loop(a, count):
    for _ in range(count):
        a[0] += 1.0


@omp(mode="native")
def loop_target(a, count):
    for _ in range(count):
        with omp("target"):
            a[0] += 1.0


def timed(function, arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def main(rounds=201):
    n = 1_000_000
    a, b, c = np.zeros(n), np.random.rand(n), np.random.rand(n)
    u, v = np.random.rand(1000, 1000), np.zeros((1000, 1000))
    for name, plain, target, arguments in (
        ("saxpy", saxpy, saxpy_target, (a, b, c, 2.0)),
        ("dot", dot, dot_target, (b, c)),
        ("stencil", stencil, stencil_target, (u, v)),
    ):
        timed(plain, arguments), timed(target, arguments)
        ratios = []
        for turn in range(rounds):
            if turn % 2:
                first = timed(plain, arguments)
                ratios.append(timed(target, arguments) / first)
            else:
                first = timed(target, arguments)
                ratios.append(first / timed(plain, arguments))
        middle = statistics.median(ratios)
        verdict = "reached" if middle <= LIMIT else "MISSED"
        print(f"{name}: {min(ratios):.3f} / {middle:.3f} / {max(ratios):.3f} (at most {LIMIT}: {verdict})")
    small = np.zeros(1)
    loop(small, 1), loop_target(small, 1)
    costs = [timed(loop_target, (small, 10_000)) - timed(loop, (small, 10_000)) for _ in range(21)]
    print(f"an empty region: {statistics.median(costs) / 10_000 * 1e9:.0f} ns")


if __name__ == "__main__":
    main()
