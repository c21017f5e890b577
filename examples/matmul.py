"""Multiplies two matrices with three plain loops, the rows of the result shared out among the threads."""

import sys

import numpy as np
from omply import omp


@omp
def matmul(a, b, c):
    rows, inner = a.shape
    columns = b.shape[1]
    with omp("parallel for"):
        for i in range(rows):
            for k in range(inner):
                x = a[i, k]
                for j in range(columns):
                    c[i, j] += x * b[k, j]


def matrices(size):
    random = np.random.default_rng(7)
    return random.random((size, size)), random.random((size, size)), np.zeros((size, size))


def check(a, b, c):
    assert np.allclose(c, a @ b)


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    a, b, c = matrices(size)
    matmul(a, b, c)
    check(a, b, c)
    print(f"multiplied two {size} x {size} matrices; the trace of the product is {np.trace(c):.6f}")


if __name__ == "__main__":
    main()
