"""Counts the ways to put n queens on a board so that none attacks another.

Each way to place a queen in the first rows is a task; further down a task searches on its own.
"""

import sys

from omply import omp

KNOWN = {4: 2, 5: 10, 6: 4, 7: 40, 8: 92, 9: 352, 10: 724, 11: 2680, 12: 14200}


@omp
def search(n: int, columns: int, rising: int, falling: int) -> int:
    """The ways to go on; a bit stands for a column that is taken, or under attack along a diagonal."""
    everything = (1 << n) - 1
    if columns == everything:
        return 1
    found = 0
    free = everything & ~(columns | rising | falling)
    while free:
        queen = free & -free
        free ^= queen
        found += search(n, columns | queen, ((rising | queen) << 1) & everything, (falling | queen) >> 1)
    return found


@omp
def place(n: int, row: int, columns: int, rising: int, falling: int) -> int:
    if row == 3 or row == n:
        return search(n, columns, rising, falling)
    everything = (1 << n) - 1
    found = 0
    free = everything & ~(columns | rising | falling)
    while free:
        queen = free & -free
        free ^= queen
        with omp("task shared(found)"):
            below = place(
                n, row + 1, columns | queen, ((rising | queen) << 1) & everything, (falling | queen) >> 1
            )
            with omp("atomic"):
                found += below
    omp("taskwait")
    return found


@omp
def queens(n: int) -> int:
    found = 0
    with omp("parallel"):
        with omp("single"):
            found = place(n, 0, 0, 0, 0)
    return found


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    found = queens(n)
    assert found == KNOWN.get(n, found), found
    print(f"{n} queens: {found} ways")
