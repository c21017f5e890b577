"""Walks a binary search tree that is kept in arrays, a task for each subtree, and adds up what it finds.

The tasks of one walk have no order; a taskgroup waits for all of them, however deep.
"""

import sys

import numpy as np
from omply import omp


def plant(keys):
    """Inserts the keys one after the other: the children of each node, -1 where there is none."""
    left = np.full(len(keys), -1, dtype=np.int64)
    right = np.full(len(keys), -1, dtype=np.int64)
    for new in range(1, len(keys)):
        at = 0
        while True:
            side = left if keys[new] < keys[at] else right
            if side[at] < 0:
                side[at] = new
                break
            at = side[at]
    return left, right


@omp
def walk(left, right, keys, depth, node: int, level: int) -> None:
    depth[node] = level
    if left[node] >= 0:
        with omp("task"):
            walk(left, right, keys, depth, left[node], level + 1)
    if right[node] >= 0:
        with omp("task"):
            walk(left, right, keys, depth, right[node], level + 1)


@omp
def depths(left, right, keys, depth) -> int:
    deepest = 0
    with omp("parallel"):
        with omp("single"):
            with omp("taskgroup"):
                walk(left, right, keys, depth, 0, 0)
            with omp("taskloop reduction(max: deepest)"):
                for node in range(len(depth)):
                    deepest = max(deepest, depth[node])
    return deepest


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    keys = np.random.default_rng(3).permutation(n)
    left, right = plant(keys)
    depth = np.full(n, -1, dtype=np.int64)
    deepest = depths(left, right, keys, depth)
    assert depth.min() == 0 and deepest == depth.max()
    for parent in range(n):
        for child in (left[parent], right[parent]):
            assert child < 0 or depth[child] == depth[parent] + 1
    print(f"{n} nodes, the deepest at {deepest}")
