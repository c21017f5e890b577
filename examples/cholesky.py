"""The Cholesky factorisation of a matrix by blocks: each operation on a block is a task, and `depend` says which blocks it reads and
writes. The runtime finds the order, and what can run side by side.
"""

import sys

import numpy as np
from omply import omp


@omp
def factor(a) -> None:
    n = a.shape[0]
    for j in range(n):
        for k in range(j):
            a[j, j] -= a[j, k] * a[j, k]
        a[j, j] = a[j, j] ** 0.5
        for i in range(j + 1, n):
            for k in range(j):
                a[i, j] -= a[i, k] * a[j, k]
            a[i, j] /= a[j, j]
        for k in range(j + 1, n):
            a[j, k] = 0.0


@omp
def solve(diagonal, a) -> None:
    n = a.shape[0]
    for j in range(n):
        for i in range(n):
            for k in range(j):
                a[i, j] -= a[i, k] * diagonal[j, k]
            a[i, j] /= diagonal[j, j]


@omp
def update(x, y, a) -> None:
    n = a.shape[0]
    for i in range(n):
        for j in range(n):
            s = 0.0
            for k in range(n):
                s += x[i, k] * y[j, k]
            a[i, j] -= s


@omp
def cholesky(a, size: int) -> None:
    n = a.shape[0]
    with omp("parallel"):
        with omp("single"):
            for k in range(0, n, size):
                d = a[k : k + size, k : k + size]
                with omp("task depend(inout: d)"):
                    factor(d)
                for i in range(k + size, n, size):
                    x = a[i : i + size, k : k + size]
                    with omp("task depend(in: d) depend(inout: x)"):
                        solve(d, x)
                for i in range(k + size, n, size):
                    x = a[i : i + size, k : k + size]
                    for j in range(k + size, i + size, size):
                        y = a[j : j + size, k : k + size]
                        z = a[i : i + size, j : j + size]
                        with omp("task depend(in: x, y) depend(inout: z)"):
                            update(x, y, z)


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 128
    size = 16
    assert n % size == 0, "the size is a multiple of 16"
    random = np.random.default_rng(5).random((n, n))
    matrix = random @ random.T + n * np.eye(n)
    lower = matrix.copy()
    cholesky(lower, size)
    lower = np.tril(lower)
    error = np.abs(lower @ lower.T - matrix).max()
    assert error < 1e-9 * n, error
    print(f"factorised {n} by {n}, error {error:.1e}")
