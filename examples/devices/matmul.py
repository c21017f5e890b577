"""A matrix product by tiles: each team computes one tile of the result, and keeps the tiles of the factors that it needs in memory
that its threads share.

python examples/devices/matmul.py [SIZE]
"""

import sys

import numpy as np
from omply import omp

TILE = 16


@omp(mode="native")
def multiply(a, b, c):
    rows, columns = c.shape
    depth = a.shape[1]
    with omp("target teams distribute collapse(2) thread_limit(256) map(to: a, b) map(from: c)"):
        for top in range(0, rows, TILE):
            for left in range(0, columns, TILE):
                tile_a = np.empty((TILE, TILE))
                tile_b = np.empty((TILE, TILE))
                sums = np.zeros((TILE, TILE))
                with omp("parallel"):
                    for start in range(0, depth, TILE):
                        with omp("for collapse(2)"):
                            for i in range(TILE):
                                for j in range(TILE):
                                    tile_a[i, j] = 0.0
                                    tile_b[i, j] = 0.0
                                    if top + i < rows and start + j < depth:
                                        tile_a[i, j] = a[top + i, start + j]
                                    if start + i < depth and left + j < columns:
                                        tile_b[i, j] = b[start + i, left + j]
                        with omp("for collapse(2)"):
                            for i in range(TILE):
                                for j in range(TILE):
                                    s = sums[i, j]
                                    for k in range(TILE):
                                        s += tile_a[i, k] * tile_b[k, j]
                                    sums[i, j] = s
                    with omp("for collapse(2)"):
                        for i in range(TILE):
                            for j in range(TILE):
                                if top + i < rows and left + j < columns:
                                    c[top + i, left + j] = sums[i, j]


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    random = np.random.default_rng(1)
    # Not square, so that tiles at the edges are cut off.
    a, b = random.random((size, size + 10)), random.random((size + 10, size - 5))
    c = np.empty((size, size - 5))
    multiply(a, b, c)
    assert np.allclose(c, a @ b, rtol=1e-12)
    print(f"{c.shape[0]} x {a.shape[1]} times {b.shape[0]} x {b.shape[1]}: trace {np.trace(c):.4f}")


if __name__ == "__main__":
    main()
