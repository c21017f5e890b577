"""`make demo`: runs the programs of examples/ in every way, checks what they compute, and prints one table of times.

Each way has a process of its own (`demo.py PROGRAM WAY`), so that every one begins alike. All ways of a program compute
the same thing at the same size; compiled ways are timed several times and the best counts, with the first call, which
compiles, left out.
"""

import importlib
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "examples"), str(ROOT / "benches")]

import c_side  # noqa: E402
from programs import programs  # noqa: E402

OUT = ROOT / "out"
THREADS = len(os.sched_getaffinity(0))
# Small enough for the interpreter to end in a few seconds.
SIZES = {"pi": 3_000_000, "mandelbrot": (240, 336), "heat": (128, 80), "matmul": 128}
COMPILED_RUNS = 15

WAYS = {
    "serial": ("CPython", {"OMPLY_MODE": "serial"}),
    "python": ("python mode", {"OMPLY_MODE": "python"}),
    "native1": ("native, 1 thread", {"OMPLY_MODE": "native", "OMP_NUM_THREADS": "1"}),
    "native": (f"native, {THREADS} threads", {"OMPLY_MODE": "native"}),
    "c": (f"C, {THREADS} threads", {}),
}


class Failure(Exception):
    """A way did not run, or computed something wrong."""


def best_time(function, arguments, reset, runs):
    best = float("inf")
    for _ in range(runs):
        reset(*arguments)
        start = time.perf_counter()
        result = function(*arguments)
        best = min(best, time.perf_counter() - start)
    return best, result


def run_kernel(name, way):
    """In a process of its own: one program in one way. Returns its time in seconds, its result checked."""
    program = programs(**SIZES)[name]
    if way == "c":
        library = next(iter(sorted(OUT.glob("demo/libprograms-*.so"))))
        function = c_side.load(library, {name: program})[name]
    else:
        function = getattr(importlib.import_module(program.module), program.function)
    arguments = program.arguments()
    compiled = way in ("c", "native", "native1")
    if compiled:
        function(*arguments)
    seconds, result = best_time(function, arguments, program.reset, COMPILED_RUNS if compiled else 1)
    program.check(result, *arguments)
    return seconds


def run_wordcount(way):
    import wordcount

    paths = wordcount.library_sources()
    for path in paths:
        path.read_bytes()  # every way finds the files in memory
    seconds, totals = best_time(wordcount.count_words, (paths,), lambda paths: None, 1)
    wordcount.check(totals, paths)
    return seconds


def in_process(name, way, python=sys.executable, **environment):
    """Runs this file for one program and way. Returns seconds."""
    environment = {"OMP_NUM_THREADS": str(THREADS), **WAYS[way][1], **environment}
    run = subprocess.run(
        [str(python), __file__, name, way], capture_output=True, text=True, env={**os.environ, **environment}
    )
    if run.returncode != 0:
        raise Failure(f"{name}, {WAYS[way][0]}:\n{run.stderr.strip()}")
    return json.loads(run.stdout.strip().split("\n")[-1])


def readable(seconds):
    if seconds is None:
        return "-"
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"


class Progress:
    """One line that is written over on a terminal, and lines that stay elsewhere."""

    def __init__(self):
        self.start = time.perf_counter()

    def say(self, text):
        line = f"[{time.perf_counter() - self.start:4.0f} s] {text}"
        if sys.stderr.isatty():
            print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def end(self):
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def free_threaded_python():
    """The interpreter of an environment for a free-threaded CPython, where one stands."""
    return next(iter(sorted(ROOT.glob(".venv/*t/bin/python"))), None)


def measure(progress):
    """Yields (program, size, {way: seconds}, failures) for each row of the table."""
    compilers = c_side.compilers()
    compiler = next(iter(compilers.values()), None)
    if compiler:
        progress.say(f"compiling the C programs with {compiler}")
        for old in OUT.glob("demo/libprograms-*.so"):
            old.unlink()
        c_side.build(compiler, OUT / "demo" / f"libprograms-{compiler}.so")
    rows = [
        (name, program.size, sys.executable) for name, program in programs(**SIZES).items() if name in SIZES
    ]
    rows.append(("wordcount", "standard library", sys.executable))
    if python := free_threaded_python():
        rows.append(("wordcount", f"same, CPython {python.parent.parent.name}", python))
    for name, size, python in rows:
        ways = (
            ["serial", "python"] if name == "wordcount" else [way for way in WAYS if way != "c" or compiler]
        )
        times, failures = {}, []
        for way in ways:
            progress.say(f"{name}: {WAYS[way][0]}")
            try:
                times[way] = in_process(name, way, python)
            except Failure as failure:
                failures.append(failure)
        yield name, size, times, failures


def faster(times, way):
    if way not in times or "serial" not in times:
        return "-"
    ratio = times["serial"] / times[way]
    return f"{ratio:.2f} x" if ratio < 10 else f"{ratio:.0f} x"


def print_table(rows):
    header = ["program", "size", *(title for title, _ in WAYS.values()), "python", "native", "native / C"]
    lines = [header]
    for name, size, times, _ in rows:
        over_c = f"{times['native'] / times['c']:.2f}" if {"native", "c"} <= times.keys() else "-"
        seconds = [readable(times.get(way)) for way in WAYS]
        lines.append([name, size, *seconds, faster(times, "python"), faster(times, "native"), over_c])
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    for number, line in enumerate(lines):
        cells = [
            cell.ljust(w) if c < 2 else cell.rjust(w)
            for c, (cell, w) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))


def draw_pictures(progress):
    """The examples themselves, run as anyone would run them, at the size they choose."""
    written = []
    for name in ("mandelbrot", "heat"):
        progress.say(f"drawing {name}.png")
        path = OUT / f"{name}.png"
        run = subprocess.run(
            [sys.executable, ROOT / "examples" / f"{name}.py", path], capture_output=True, text=True
        )
        if run.returncode != 0:
            raise Failure(f"examples/{name}.py:\n{run.stderr.strip()}")
        written.append(path.relative_to(ROOT))
    return written


def main():
    if len(sys.argv) == 3:
        name, way = sys.argv[1:]
        print(json.dumps(run_wordcount(way) if name == "wordcount" else run_kernel(name, way)))
        return 0

    OUT.mkdir(exist_ok=True)
    progress = Progress()
    rows = list(measure(progress))
    failures = [failure for _, _, _, failed in rows for failure in failed]
    pictures = []
    try:
        pictures = draw_pictures(progress)
    except Failure as failure:
        failures.append(failure)
    progress.end()

    print(f"CPython {platform.python_version()}, {THREADS} threads. Every result was checked. ", end="")
    print("Last columns: times faster than CPython; native time over C's.\n")
    print_table(rows)
    if not c_side.compilers():
        print("\nNo C compiler with OpenMP was found, so there is nothing to compare with in C.")
    for picture in pictures:
        print(f"\nwritten: {picture}", end="")
    print()
    for failure in failures:
        print(f"\nFAILED  {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
