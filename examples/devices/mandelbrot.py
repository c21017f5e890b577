"""Counts how soon each point of a picture leaves the Mandelbrot set's neighbourhood, on a device.

python examples/devices/mandelbrot.py [HEIGHT] [LIMIT]
"""

import sys

import numpy as np
from omply import omp


@omp(mode="native")
def mandelbrot(counts, limit):
    height, width = counts.shape
    with omp("target teams distribute parallel for collapse(2) map(from: counts)"):
        for row in range(height):
            for column in range(width):
                b = 2.5 * row / height - 1.25
                a = 3.5 * column / width - 2.5
                x = 0.0
                y = 0.0
                n = 0
                while n < limit and x * x + y * y <= 4.0:
                    x, y = x * x - y * y + a, 2.0 * x * y + b
                    n += 1
                counts[row, column] = n


def by_whole_arrays(height, width, limit):
    """The same in NumPy's own words, to compare with."""
    y, x = np.ogrid[:height, :width]
    c = (3.5 * x / width - 2.5) + 1j * (2.5 * y / height - 1.25)
    z = np.zeros(c.shape, dtype=complex)
    counts = np.zeros(c.shape, dtype=np.int32)
    staying = np.ones(c.shape, dtype=bool)
    for _ in range(limit):
        counts[staying] += 1
        z[staying] = z[staying] ** 2 + c[staying]
        staying &= z.real**2 + z.imag**2 <= 4.0
    return counts


def main():
    height = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    limit = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    counts = np.empty((height, height * 7 // 5), dtype=np.int32)
    mandelbrot(counts, limit)
    # Where a product and a sum are rounded once, a point on the very edge may leave a step later.
    wrong = np.mean(counts != by_whole_arrays(*counts.shape, limit))
    assert wrong < 0.002, wrong
    print(f"{counts.shape[1]} x {height} points: {np.mean(counts == limit):.1%} stay for {limit} steps")


if __name__ == "__main__":
    main()
