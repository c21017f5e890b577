"""Running sums: every iteration needs what all before it contributed, and the team computes them together all the same."""

import sys

import numpy as np
from omply import omp


@omp
def prefix(values, sums):
    """Puts the running sums of `values` into `sums`, and returns the whole sum."""
    total = 0.0
    with omp("parallel for reduction(inscan, +: total)"):
        for i in range(len(values)):
            total += values[i]
            omp("scan inclusive(total)")
            sums[i] = total
    return total


def main(n=1_000_000):
    values = np.arange(n) % 7 * 0.5
    sums = np.empty(n)
    total = prefix(values, sums)
    assert (sums == np.cumsum(values)).all()
    assert total == values.sum()
    print(f"the running sums of {n:,} numbers end at {total:,.1f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
