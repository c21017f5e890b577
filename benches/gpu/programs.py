"""What is measured on devices: the functions of examples/devices on data that is there already, and the kernels of kernels.cu that
do the same."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from omply import omp

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "devices"


@omp(mode="native")
def keep(array):
    omp("target_enter_data map(to: array)")


@omp(mode="native")
def refresh(array):
    omp("target_update to(array)")


@omp(mode="native")
def fetch(array):
    omp("target_update from(array)")


@omp(mode="native")
def drop(array):
    omp("target_exit_data map(delete: array)")


@dataclass(frozen=True)
class Program:
    """One comparison. `arrays` are made once, for both sides; `ours` calls the example on them, `theirs` runs the kernels and gives
    their microseconds. Both begin with `reset` arrays as they were made, and must leave the same in `results`."""

    name: str
    size: str
    arrays: dict
    ours: Callable
    theirs: Callable
    results: tuple
    reset: tuple = ()
    # Bytes that have to be moved, for programs that are bound by memory.
    traffic: int = 0


def example(name):
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def saxpy(n, random):
    function = example("saxpy").saxpy
    return Program(
        "saxpy", f"n = {n:,}", {"x": random.random(n), "y": random.random(n)},
        lambda a: function(2.5, a["x"], a["y"]),
        lambda d: d.over("saxpy", n, 2.5, "x", "y", n),
        ("y",), ("y",), 24 * n,
    )  # fmt: skip


def reduction(n, random, units):
    function = example("reduction").dot

    def ours(a):
        a["result"][0] = function(a["x"], a["y"])

    return Program(
        "reduction", f"n = {n:,}", {"x": random.random(n), "y": random.random(n), "result": np.zeros(1)},
        ours,
        lambda d: d.run("dot", (min(32 * units, -(-n // 256)), 1), (256, 1), "x", "y", "result", n),
        ("result",), ("result",), 16 * n,
    )  # fmt: skip


def heat(n, random):
    function = example("heat").step
    return Program(
        "heat", f"{n} x {n}", {"old": random.random((n, n)), "new": np.zeros((n, n))},
        lambda a: function(a["old"], a["new"], 0.2),
        lambda d: d.plane("heat", n - 2, n - 2, "old", "new", n, n, 0.2),
        ("new",), (), 16 * n * n,
    )  # fmt: skip


def matmul(n, random):
    function = example("matmul").multiply
    return Program(
        "matmul", f"{n} x {n}", {"a": random.random((n, n)), "b": random.random((n, n)), "c": np.zeros((n, n))},
        lambda a: function(a["a"], a["b"], a["c"]),
        lambda d: d.plane("matmul", n, n, "a", "b", "c", n, n, n, block=(16, 16)),
        ("c",),
    )  # fmt: skip


def nbody(n, random):
    function = example("nbody").simulate
    arrays = {
        "position": random.standard_normal((n, 3)),
        "velocity": np.zeros((n, 3)),
        "mass": np.full(n, 1.0 / n),
    }
    return Program(
        "nbody", f"{n:,} bodies", arrays,
        lambda a: function(a["position"], a["velocity"], a["mass"], 1, 1e-3),
        lambda d: (
            d.over("attract", n, "position", "velocity", "mass", n, 1e-3, threads=128)
            + d.over("drift", 3 * n, "position", "velocity", n, 1e-3)
        ),
        ("position", "velocity"), ("position", "velocity"),
    )  # fmt: skip


def mandelbrot(height, limit):
    function = example("mandelbrot").mandelbrot
    width = height * 7 // 5
    return Program(
        "mandelbrot", f"{width} x {height}", {"counts": np.zeros((height, width), np.int32)},
        lambda a: function(a["counts"], limit),
        lambda d: d.plane("mandelbrot", height, width, "counts", height, width, limit),
        (),
    )  # fmt: skip


def sort(logarithm, random):
    function = example("sort").sort
    n = 1 << logarithm

    def steps():
        for run in range(1, logarithm + 1):
            for distance in reversed(range(run)):
                yield 1 << run, 1 << distance

    return Program(
        "sort", f"n = {n:,}, all steps", {"a": random.random(n)},
        lambda a: function(a["a"]),
        lambda d: sum(d.over("exchange", n // 2, "a", n // 2, run, distance) for run, distance in steps()),
        ("a",), ("a",),
    )  # fmt: skip


def histogram(n, bins, random):
    function = example("histogram").histogram
    return Program(
        "histogram", f"n = {n:,}, {bins} bins", {"values": random.random(n), "counts": np.zeros(bins, np.int64)},
        lambda a: function(a["values"], 0.0, 1.0, a["counts"]),
        lambda d: d.over("histogram", n, "values", n, 0.0, 1.0, "counts", bins),
        ("counts",), ("counts",),
    )  # fmt: skip


def sparse(rows):
    module = example("sparse")
    first, column, value, x = module.matrix(rows)
    return Program(
        "sparse", f"{rows:,} rows, {len(value):,} elements",
        {"first": first, "column": column, "value": value, "x": x, "y": np.zeros(rows)},
        lambda a: module.multiply(a["first"], a["column"], a["value"], a["x"], a["y"]),
        lambda d: d.over("sparse", rows, "first", "column", "value", "x", "y", rows),
        ("y",),
    )  # fmt: skip


def programs(is_large, units):
    """Makers of the programs, by name: the arrays of one at a time are enough."""
    random = np.random.default_rng(7)
    if is_large:
        sizes = (1 << 27, 1 << 27, 8192, 2048, 32768, 4096, 22, 1 << 26, 4_000_000)
    else:
        sizes = (1 << 22, 1 << 22, 1024, 256, 2048, 256, 14, 1 << 20, 100_000)
    n, m, plate, matrix, bodies, height, logarithm, values, rows = sizes
    return {
        "saxpy": lambda: saxpy(n, random),
        "reduction": lambda: reduction(m, random, units),
        "heat": lambda: heat(plate, random),
        "matmul": lambda: matmul(matrix, random),
        "nbody": lambda: nbody(bodies, random),
        "mandelbrot": lambda: mandelbrot(height, 200),
        "sort": lambda: sort(logarithm, random),
        "histogram": lambda: histogram(values, 256, random),
        "sparse": lambda: sparse(rows),
    }
