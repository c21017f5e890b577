"""A sparse matrix by rows, times a vector. Rows differ in length, so they are handed out as threads ask for them."""

from omply import omp


@omp
def multiply(starts, columns, values, x, y):
    n = len(y)
    with omp("parallel for schedule(dynamic, 64)"):
        for i in range(n):
            s = 0.0
            for k in range(starts[i], starts[i + 1]):
                s += values[k] * x[columns[k]]
            y[i] = s
