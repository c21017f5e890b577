"""Multiplies two matrices tile by tile: `tile` cuts the three loops into blocks that stay in a core's cache, and the threads share out
the rows of blocks."""

import sys

import numpy as np
from omply import omp

from matmul import check, matrices


@omp
def tiled(a, b, c):
    rows, inner = a.shape
    columns = b.shape[1]
    with omp("parallel for"):
        with omp("tile sizes(16, 64, 256)"):
            for i in range(rows):
                for k in range(inner):
                    for j in range(columns):
                        c[i, j] += a[i, k] * b[k, j]


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    a, b, c = matrices(size)
    tiled(a, b, c)
    check(a, b, c)
    print(f"multiplied two {size} x {size} matrices in tiles; the trace of the product is {np.trace(c):.6f}")


if __name__ == "__main__":
    main()
