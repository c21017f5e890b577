"""Sorts on a device by a bitonic network: each step compares pairs that have nothing to do with each other. The array stays on the
device while the host goes through the steps.

python examples/devices/sort.py [LOGARITHM OF THE LENGTH]
"""

import sys

import numpy as np
from omply import omp


@omp(mode="native")
def exchange(a, run, distance):
    """One step: elements `distance` apart, in the direction of the run of `run` elements in which they are."""
    with omp("target teams distribute parallel for"):
        for pair in range(len(a) // 2):
            i = pair // distance * 2 * distance + pair % distance
            j = i + distance
            rising = (i & run) == 0
            if (a[i] > a[j]) == rising:
                a[i], a[j] = a[j], a[i]


@omp(mode="native")
def sort(a):
    """The length is a power of two."""
    n = len(a)
    with omp("target_data map(tofrom: a)"):
        run = 2
        while run <= n:
            distance = run // 2
            while distance > 0:
                exchange(a, run, distance)
                distance //= 2
            run *= 2


def main():
    n = 1 << (int(sys.argv[1]) if len(sys.argv) > 1 else 14)
    a = np.random.default_rng(1).standard_normal(n)
    expected = np.sort(a)
    sort(a)
    assert (a == expected).all()
    print(f"{n} elements sorted, from {a[0]:.4f} to {a[-1]:.4f}")


if __name__ == "__main__":
    main()
