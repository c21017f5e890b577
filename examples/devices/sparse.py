"""A sparse matrix times a vector on a device. The matrix is held by rows: the elements of row i are `first[i]` to `first[i + 1]`.

python examples/devices/sparse.py [ROWS]
"""

import sys

import numpy as np
from omply import omp


@omp(mode="native")
def multiply(first, column, value, x, y):
    with omp("target teams distribute parallel for map(to: first, column, value, x) map(from: y)"):
        for i in range(len(y)):
            s = 0.0
            for k in range(first[i], first[i + 1]):
                s += value[k] * x[column[k]]
            y[i] = s


def matrix(rows):
    random = np.random.default_rng(1)
    lengths = random.integers(0, 20, rows)
    first = np.concatenate([[0], np.cumsum(lengths)])
    column = random.integers(0, rows, first[-1])
    return first, column, random.standard_normal(first[-1]), random.standard_normal(rows)


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    first, column, value, x = matrix(rows)
    y = np.empty(rows)
    multiply(first, column, value, x, y)
    row = np.repeat(np.arange(rows), np.diff(first))
    assert np.allclose(y, np.bincount(row, value * x[column], minlength=rows))
    print(f"{rows} rows with {first[-1]} elements: the result's norm is {np.linalg.norm(y):.4f}")


if __name__ == "__main__":
    main()
