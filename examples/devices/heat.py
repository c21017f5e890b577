"""Follows heat through a square plate on a device. The plate stays there while the time steps run: only the first one copies it in,
only the last one copies it out.

python examples/devices/heat.py [SIZE] [STEPS]
"""

import sys

import numpy as np
from omply import omp


@omp(mode="native")
def step(old, new, rate):
    rows, columns = old.shape
    with omp("target teams distribute parallel for collapse(2)"):
        for i in range(1, rows - 1):
            for j in range(1, columns - 1):
                around = old[i - 1, j] + old[i + 1, j] + old[i, j - 1] + old[i, j + 1]
                new[i, j] = old[i, j] + rate * (around - 4.0 * old[i, j])


@omp(mode="native")
def diffuse(plate, scratch, steps, rate):
    with omp("target_data map(tofrom: plate) map(to: scratch)"):
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


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    plate = hot_plate(size)
    diffuse(plate, plate.copy(), steps, 0.2)
    expected = diffuse_by_slices(hot_plate(size), steps, 0.2)
    assert np.allclose(plate, expected, rtol=1e-9, atol=1e-9)
    print(f"{size} x {size}, {steps} steps: hottest point {plate.max():.2f}, mean {plate.mean():.3f}")


if __name__ == "__main__":
    main()
