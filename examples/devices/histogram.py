"""Counts how many values fall into each of a few bins, on a device: threads add to the same counters, atomically.

python examples/devices/histogram.py [VALUES] [BINS]
"""

import sys

import numpy as np
from omply import omp


@omp(mode="native")
def histogram(values, low, high, counts):
    bins = len(counts)
    with omp("target teams distribute parallel for map(to: values) map(tofrom: counts)"):
        for i in range(len(values)):
            k = int((values[i] - low) / (high - low) * bins)
            k = min(max(k, 0), bins - 1)
            with omp("atomic"):
                counts[k] += 1


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    bins = int(sys.argv[2]) if len(sys.argv) > 2 else 256
    values = np.random.default_rng(1).random(n)
    counts = np.zeros(bins, dtype=np.int64)
    histogram(values, 0.0, 1.0, counts)
    assert (counts == np.bincount((values * bins).astype(np.int64), minlength=bins)).all()
    print(f"{n} values: the fullest of {bins} bins holds {counts.max()}, the emptiest {counts.min()}")


if __name__ == "__main__":
    main()
