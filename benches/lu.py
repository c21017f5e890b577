"""The LU decomposition of a matrix that is stored by blocks, without pivoting: each operation on a block is a task that waits for the
blocks it reads.
"""

from omply import omp


@omp
def factor(a) -> None:
    n = a.shape[0]
    for k in range(n):
        for i in range(k + 1, n):
            a[i, k] /= a[k, k]
            for j in range(k + 1, n):
                a[i, j] -= a[i, k] * a[k, j]


@omp
def solve_row(d, a) -> None:
    n = a.shape[0]
    for k in range(n):
        for i in range(k + 1, n):
            for j in range(n):
                a[i, j] -= d[i, k] * a[k, j]


@omp
def solve_column(d, a) -> None:
    n = a.shape[0]
    for i in range(n):
        for k in range(n):
            a[i, k] /= d[k, k]
            for j in range(k + 1, n):
                a[i, j] -= a[i, k] * d[k, j]


@omp
def update(x, y, a) -> None:
    n = a.shape[0]
    for i in range(n):
        for k in range(n):
            for j in range(n):
                a[i, j] -= x[i, k] * y[k, j]


@omp
def lu(a) -> None:
    n = a.shape[0]
    with omp("parallel"):
        with omp("single"):
            for k in range(n):
                d = a[k, k]
                with omp("task depend(inout: d)"):
                    factor(d)
                for j in range(k + 1, n):
                    y = a[k, j]
                    with omp("task depend(in: d) depend(inout: y)"):
                        solve_row(d, y)
                for i in range(k + 1, n):
                    x = a[i, k]
                    with omp("task depend(in: d) depend(inout: x)"):
                        solve_column(d, x)
                for i in range(k + 1, n):
                    x = a[i, k]
                    for j in range(k + 1, n):
                        y = a[k, j]
                        z = a[i, j]
                        with omp("task depend(in: x, y) depend(inout: z)"):
                            update(x, y, z)
