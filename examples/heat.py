"""Follows heat through a square plate, and draws what it looks like at the end into heat.png.

One step moves each point towards the mean of its four neighbours. The steps follow each other; within a step all points
are independent of each other, so each step is a parallel loop.
"""

import sys

import numpy as np
from omply import omp

from picture import colours, write_png


@omp
def step(old, new, rate):
    rows, columns = old.shape
    with omp("parallel for"):
        for i in range(1, rows - 1):
            for j in range(1, columns - 1):
                around = old[i - 1, j] + old[i + 1, j] + old[i, j - 1] + old[i, j + 1]
                new[i, j] = old[i, j] + rate * (around - 4.0 * old[i, j])


@omp
def diffuse(plate, scratch, steps, rate):
    for _ in range(steps // 2):
        step(plate, scratch, rate)
        step(scratch, plate, rate)


def hot_plate(size):
    """A cold plate with two hot bars on it; its edges stay cold."""
    plate = np.zeros((size, size))
    plate[size // 5 : size // 4, size // 8 : -size // 8] = 100.0
    plate[size // 2 : -size // 8, size // 3 : size // 2] = 60.0
    return plate


def diffuse_by_slices(plate, steps, rate):
    """The same in NumPy's own words, to compare with."""
    for _ in range(steps):
        inner = plate[1:-1, 1:-1]
        around = plate[:-2, 1:-1] + plate[2:, 1:-1] + plate[1:-1, :-2] + plate[1:-1, 2:]
        plate[1:-1, 1:-1] = inner + rate * (around - 4.0 * inner)
    return plate


def check(plate, steps, rate):
    expected = diffuse_by_slices(hot_plate(len(plate)), steps, rate)
    assert np.allclose(plate, expected, rtol=1e-9, atol=1e-9)


def draw(plate, path):
    stops = [(5, 5, 40), (70, 20, 130), (200, 40, 70), (250, 150, 30), (255, 255, 210)]
    write_png(path, colours(plate / plate.max(), stops))


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else "heat.png"
    steps, rate = 400, 0.2
    plate = hot_plate(256)
    diffuse(plate, plate.copy(), steps, rate)
    check(plate, steps, rate)
    draw(plate, path)
    print(f"wrote {path}: {steps} steps, hottest point {plate.max():.1f}, mean {plate.mean():.2f}")


if __name__ == "__main__":
    main()
