"""A sparse matrix times a vector, and a histogram with atomics, on a device where there is one.

python examples/sparse.py [ROWS]
"""

import sys

import numpy as np
from omply import omp, omp_get_num_devices


@omp(mode="native")
def multiply(first, column, value, x, y):
    """Compressed rows: those of row i are `first[i]` to `first[i + 1]`."""
    with omp("target teams distribute parallel for map(to: first, column, value, x) map(from: y)"):
        for i in range(len(y)):
            s = 0.0
            for k in range(first[i], first[i + 1]):
                s += value[k] * x[column[k]]
            y[i] = s


@omp(mode="native")
def histogram(values, low, high, counts):
    with omp("target teams distribute parallel for map(to: values) map(tofrom: counts)"):
        for i in range(len(values)):
            k = int((values[i] - low) / (high - low) * len(counts))
            k = min(max(k, 0), len(counts) - 1)
            with omp("atomic"):
                counts[k] += 1


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
    random = np.random.default_rng(1)
    lengths = random.integers(0, 20, rows)
    first = np.concatenate([[0], np.cumsum(lengths)])
    column = random.integers(0, rows, first[-1])
    value = random.standard_normal(first[-1])
    x, y = random.standard_normal(rows), np.empty(rows)
    multiply(first, column, value, x, y)
    row = np.repeat(np.arange(rows), lengths)
    assert np.allclose(y, np.bincount(row, value * x[column], minlength=rows))

    counts = np.zeros(32, dtype=np.int64)
    low, high = float(y.min()), float(y.max()) + 1e-9
    histogram(y, low, high, counts)
    assert counts.sum() == rows
    expected, _ = np.histogram(y, 32, (low, high))
    assert np.abs(counts - expected).sum() <= 4
    place = "a device" if omp_get_num_devices() else "the host"
    print(
        f"{rows} rows with {first[-1]} entries on {place}; the fullest of 32 bins holds {counts.max()} results"
    )


if __name__ == "__main__":
    main()
