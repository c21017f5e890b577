"""Draws the Mandelbrot set into mandelbrot.png.

Rows cost very different amounts of work, so threads take a few at a time as they become free: `schedule(dynamic, 4)`.
"""

import sys

import numpy as np
from omply import omp

from picture import colours, write_png

LIMIT = 200


@omp
def mandelbrot(counts, limit):
    height, width = counts.shape
    with omp("parallel for schedule(dynamic, 4)"):
        for row in range(height):
            b = 2.5 * row / height - 1.25
            for column in range(width):
                a = 3.5 * column / width - 2.5
                x = 0.0
                y = 0.0
                n = 0
                while n < limit and x * x + y * y <= 4.0:
                    x, y = x * x - y * y + a, 2.0 * x * y + b
                    n += 1
                counts[row, column] = n


def check(counts, limit=LIMIT):
    height, width = counts.shape
    assert counts.min() == 1  # the corner leaves at once
    assert counts[height // 2, width * 5 // 7] == limit  # 0 never leaves
    inside = np.mean(counts == limit) * 3.5 * 2.5  # the set's area is 1.507
    assert abs(inside - 1.52) < 0.1, inside


def draw(counts, path, limit=LIMIT):
    shade = np.where(counts < limit, np.log(counts) / np.log(limit), 1.0)
    stops = [(8, 12, 60), (40, 90, 190), (240, 245, 230), (250, 170, 20), (120, 20, 10), (0, 0, 0)]
    write_png(path, colours(shade, stops))


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else "mandelbrot.png"
    counts = np.zeros((400, 560), dtype=np.int32)
    mandelbrot(counts, LIMIT)
    check(counts)
    draw(counts, path)
    print(f"wrote {path}: {np.mean(counts == LIMIT):.1%} of the points are in the set")


if __name__ == "__main__":
    main()
