"""The measured programs: what each is called with, how its data is made new, and what it must compute.

Every side of a comparison (Omply, C, other compilers for Python) gets its arguments from here. In C an array argument
becomes a pointer followed by its dimensions.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "examples"))


@dataclass(frozen=True)
class Program:
    """One program; `arguments` makes them, `reset` puts them back as they were, `check` raises on a wrong result."""

    name: str
    module: str
    function: str
    size: str
    arguments: Callable
    check: Callable
    reset: Callable = lambda *arguments: None
    returns_float: bool = False


def check_pi(result, n):
    assert abs(result - np.pi) < 1e-9, result


def check_mandelbrot(result, counts, limit):
    height, width = counts.shape
    y, x = np.ogrid[:height, :width]
    c = (3.5 * x / width - 2.5) + 1j * (2.5 * y / height - 1.25)
    z = np.zeros(counts.shape, dtype=complex)
    expected = np.zeros(counts.shape, dtype=np.int32)
    staying = np.ones(counts.shape, dtype=bool)
    for _ in range(limit):
        expected[staying] += 1
        z[staying] = z[staying] ** 2 + c[staying]
        staying &= z.real**2 + z.imag**2 <= 4.0
    # Where a compiler fuses a multiplication with an addition, a point on the very edge may leave a step later.
    assert np.mean(counts != expected) < 0.002, np.mean(counts != expected)


def plate(size):
    hot = np.zeros((size, size))
    hot[size // 4 : size // 2, size // 3 : size // 2] = 100.0
    return hot


def check_heat(result, heated, scratch, steps, rate):
    expected = plate(len(heated))
    for _ in range(steps):
        inner = expected[1:-1, 1:-1]
        around = expected[:-2, 1:-1] + expected[2:, 1:-1] + expected[1:-1, :-2] + expected[1:-1, 2:]
        expected[1:-1, 1:-1] = inner + rate * (around - 4.0 * inner)
    assert np.allclose(heated, expected, rtol=1e-9, atol=1e-9)


def reset_heat(heated, scratch, steps, rate):
    heated[:] = plate(len(heated))
    scratch[:] = heated


def check_triad(result, a, b, c, s):
    assert np.allclose(a, b + s * c, rtol=1e-15)


def check_matmul(result, a, b, c):
    assert np.allclose(c, a @ b)


def swept(size):
    return random_arrays(1, size, size)[0]


def reset_sweep(a, size):
    a[:] = swept(len(a))


def check_sweep(result, a, size):
    new = swept(len(a))
    for i in range(1, len(new) - 1):
        row = new[i].tolist()
        above, below = new[i - 1].tolist(), new[i + 1].tolist()
        for j in range(1, len(row) - 1):
            row[j] = 0.25 * (above[j] + row[j - 1] + below[j] + row[j + 1])
        new[i] = row
    assert np.allclose(a, new)


def heavy(blocks, size=64):
    """A matrix with a heavy diagonal, by blocks."""
    whole = random_arrays(1, blocks * size, blocks * size)[0] + blocks * size * np.eye(blocks * size)
    return whole.reshape(blocks, size, blocks, size).swapaxes(1, 2).copy()


def reset_lu(a):
    a[:] = heavy(len(a))


def check_lu(result, a):
    def whole(a):
        return a.swapaxes(1, 2).reshape(len(a) * a.shape[2], -1)

    lower = np.tril(whole(a), -1) + np.eye(len(whole(a)))
    assert np.allclose(lower @ np.triu(whole(a)), whole(heavy(len(a))))


def picture(size):
    image, weights = random_arrays(2, size + 4, size + 4)
    return image, weights[:5, :5].copy(), np.zeros((size, size))


def check_convolution(result, image, weights, out):
    rows, columns = out.shape
    parts = (weights[u, v] * image[u : u + rows, v : v + columns] for u in range(5) for v in range(5))
    assert np.allclose(out, sum(parts))


def reset_sort(a, *scratch):
    a[:] = random_arrays(1, len(a))[0]


def check_sort(result, a, *scratch):
    assert (a == np.sort(random_arrays(1, len(a))[0])).all()


def sparse_matrix(size):
    """By rows: where each begins, the columns of its elements, their values; a vector; the result."""
    random = np.random.default_rng(7)
    lengths = random.integers(1, 60, size)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    columns = random.integers(0, size, starts[-1]).astype(np.int32)
    return starts, columns, random.random(starts[-1]), random.random(size), np.zeros(size)


def check_sparse(result, starts, columns, values, x, y):
    assert np.allclose(y, np.add.reduceat(values * x[columns], starts[:-1]))


def bodies(count):
    return (*random_arrays(4, count), np.zeros((count, 3)), 1e-3)


def check_bodies(result, x, y, z, mass, force, softening):
    for i in range(0, len(x), 97):
        away = np.stack((x - x[i], y - y[i], z - z[i]))
        assert np.allclose(force[i], away @ (mass / ((away**2).sum(axis=0) + softening) ** 1.5))


def check_prefix(result, values, sums):
    assert np.allclose(sums, np.cumsum(values), rtol=1e-12)
    assert abs(result - sums[-1]) < 1e-9 * result, result


def random_arrays(count, *shape):
    random = np.random.default_rng(7)
    return tuple(random.random(shape) for _ in range(count))


def matrices(size):
    return (*random_arrays(2, size, size), np.zeros((size, size)))


def programs(
    pi=20_000_000,
    mandelbrot=(480, 672),
    heat=(512, 100),
    triad=4_000_000,
    matmul=400,
    wavefront=2050,
    lu=12,
    convolution=1200,
    sort=500_000,
    sparse=60_000,
    prefix=500_000,
    nbody=4000,
):
    """The programs at the given sizes, by name."""
    height, width = mandelbrot
    heat_size, steps = heat
    table = [
        Program(
            "pi", "pi", "pi", f"n = {pi:,}", lambda: (pi,), check_pi, returns_float=True,
        ),
        Program(
            "mandelbrot", "mandelbrot", "mandelbrot", f"{width} x {height}, 200 steps",
            lambda: (np.zeros((height, width), dtype=np.int32), 200), check_mandelbrot,
        ),
        Program(
            "heat", "heat", "diffuse", f"{heat_size} x {heat_size}, {steps} steps",
            lambda: (plate(heat_size), plate(heat_size), steps, 0.2), check_heat, reset_heat,
        ),
        Program(
            "triad", "triad", "triad", f"n = {triad:,}",
            lambda: (np.zeros(triad), *random_arrays(2, triad), 3.0), check_triad,
        ),
        Program(
            "matmul", "matmul", "matmul", f"{matmul} x {matmul}",
            lambda: matrices(matmul), check_matmul, lambda a, b, c: c.fill(0.0),
        ),
        Program(
            "tiles", "tiles", "tiled", f"{matmul} x {matmul}",
            lambda: matrices(matmul), check_matmul, lambda a, b, c: c.fill(0.0),
        ),
        Program(
            "wavefront", "wavefront_doacross", "sweep", f"{wavefront} x {wavefront}, blocks of 64",
            lambda: (swept(wavefront), 64), check_sweep, reset_sweep,
        ),
        Program("lu", "lu", "lu", f"{lu} x {lu} blocks of 64", lambda: (heavy(lu),), check_lu, reset_lu),
        Program(
            "convolution", "convolution", "convolve", f"{convolution} x {convolution}, 5 x 5",
            lambda: picture(convolution), check_convolution,
        ),
        Program(
            "quicksort", "sorts", "quick", f"n = {sort:,}", lambda: (np.zeros(sort),), check_sort, reset_sort
        ),
        Program(
            "mergesort", "sorts", "merging", f"n = {sort:,}",
            lambda: (np.zeros(sort), np.zeros(sort)), check_sort, reset_sort,
        ),
        Program(
            "sparse", "sparse", "multiply", f"{sparse:,} rows", lambda: sparse_matrix(sparse), check_sparse
        ),
        Program(
            "nbody", "nbody", "attract", f"{nbody:,} bodies", lambda: bodies(nbody), check_bodies
        ),
        # Clang keeps the contributions of all iterations on the stack, which bounds the size.
        Program(
            "prefix", "prefix", "prefix", f"n = {prefix:,}",
            lambda: (*random_arrays(1, prefix), np.zeros(prefix)), check_prefix, returns_float=True,
        ),
    ]  # fmt: skip
    return {program.name: program for program in table}
