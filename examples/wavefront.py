"""The longest common subsequence of two texts. Each cell of the table needs its upper and left neighbours, so blocks of the table
are tasks that depend on the blocks above and to the left: they run in a wave across the table.
"""

import sys

import numpy as np
from omply import omp


@omp
def fill(a, b, table, top: int, left: int, size: int) -> None:
    for i in range(top, min(top + size, len(a) + 1)):
        for j in range(left, min(left + size, len(b) + 1)):
            if a[i - 1] == b[j - 1]:
                table[i, j] = table[i - 1, j - 1] + 1
            else:
                table[i, j] = max(table[i - 1, j], table[i, j - 1])


@omp
def common(a, b, table, size: int) -> int:
    with omp("parallel"):
        with omp("single"):
            for i in range(1, len(a) + 1, size):
                for j in range(1, len(b) + 1, size):
                    with omp("""task depend(in: table[i - 1:i, j:j + size], table[i:i + size, j - 1:j])
                                depend(out: table[i:i + size, j:j + size])"""):
                        fill(a, b, table, i, j, size)
    return table[len(a), len(b)]


def expected(a, b):
    row = [0] * (len(b) + 1)
    for x in a:
        above = row[:]
        for j, y in enumerate(b, 1):
            row[j] = above[j - 1] + 1 if x == y else max(above[j], row[j - 1])
    return row[-1]


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    random = np.random.default_rng(11)
    a, b = random.integers(0, 4, n), random.integers(0, 4, n + 37)
    table = np.zeros((len(a) + 1, len(b) + 1), dtype=np.int64)
    length = common(a, b, table, 64)
    assert length == expected(a.tolist(), b.tolist())
    print(f"common subsequence of {length} letters")
