"""`make bench-gpu`: Omply's kernels paired with CUDA C written by hand, on the NVIDIA GPU that is here. Writes out/bench-gpu.md; where
there is no GPU, the report says so and how its rows are filled. `OMPLY_DEVICES=opencl` tries all of it on an OpenCL device.

Kernel times are the driver's own events on both sides, in one process, in turns. ../README.md tells the method.
"""

import argparse
import contextlib
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OUT = ROOT / "out"
sys.path.insert(0, str(HERE))

PLUGIN = os.environ.setdefault("OMPLY_DEVICES", "cuda")
KERNEL_LIMIT, MEAN_LIMIT, BANDWIDTH_LIMIT = 1.1, 1.0, 0.9
LAUNCH_LIMIT_US, COLD_LIMIT_MS, CACHED_LIMIT_MS = 10.0, 300.0, 5.0
FILL = "On a machine with an NVIDIA GPU and nvcc (or NVRTC), `make bench-gpu` fills these rows."


class Report:
    """Lines that are printed and kept."""

    def __init__(self, path):
        self.path, self.lines = path, []
        path.parent.mkdir(exist_ok=True)

    def line(self, text=""):
        print(text, flush=True)
        self.lines.append(text)
        self.path.write_text("\n".join(self.lines) + "\n")

    def table(self, header, rows):
        widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
        for number, row in enumerate([header, *rows]):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.line("| " + " | ".join(cells) + " |")
            if number == 0:
                self.line("|" + "|".join("-" * (width + 2) for width in widths) + "|")
        self.line()


def verdict(value, limit, at_least=False):
    reached = value >= limit if at_least else value <= limit
    return f"{limit:g} {'reached' if reached else 'MISSED'}"


@contextlib.contextmanager
def trace():
    """What is written to standard error meanwhile, as a list of its text."""
    with tempfile.TemporaryFile() as file:
        sys.stderr.flush()
        saved = os.dup(2)
        os.dup2(file.fileno(), 2)
        written = []
        try:
            yield written
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            file.seek(0)
            written.append(file.read().decode(errors="replace"))


def kernel_time(text):
    """Microseconds of all kernels that the trace tells of."""
    times = re.findall(r"kernel \S+: ([\d.]+) us on the device", text)
    if not times:
        raise RuntimeError(f"the trace tells no kernel's time:\n{text}")
    return sum(map(float, times))


def compare(make, driver, rounds):
    """Checks a program on both sides, then times it in turns. Returns it and the microseconds of both."""
    import numpy as np
    from driver import Arrays

    from programs import drop, fetch, keep, refresh

    program = make()
    mine = {name: array.copy() for name, array in program.arrays.items()}
    theirs = Arrays(driver, **program.arrays)

    def each(move, arrays):
        with trace():
            for array in arrays:
                move(array)

    def reset():
        for name in program.reset:
            mine[name][...] = program.arrays[name]
            theirs.set(name, program.arrays[name])
        each(refresh, [mine[name] for name in program.reset])

    def ours_once():
        with trace() as written:
            program.ours(mine)
        return kernel_time(written[0])

    each(keep, mine.values())
    try:
        reset()
        ours_once()
        program.theirs(theirs)
        # The result of a reduction comes back by itself.
        each(fetch, [mine[name] for name in program.results if name != "result"])
        for name in program.results:
            assert np.allclose(mine[name], theirs.get(name), rtol=1e-9, atol=1e-12), (
                f"{program.name}: {name} differs"
            )
        times = [], []
        for turn in range(rounds):
            reset()
            sides = [(0, ours_once), (1, lambda: program.theirs(theirs))]
            for side, once in sides if turn % 2 else reversed(sides):
                times[side].append(once())
    finally:
        theirs.free()
        each(drop, mine.values())
    return program, *times


def copy_bandwidth(driver, bytes_, rounds):
    """Bytes read and written in a microsecond by the driver's own copy within the device."""
    source, to = driver.allocate(bytes_), driver.allocate(bytes_)
    times = [driver.copy(to, source, bytes_) for _ in range(rounds + 1)][1:]
    driver.free(source)
    driver.free(to)
    return 2 * bytes_ / statistics.median(times)


def report_kernels(report, driver, arguments, units):
    from programs import programs

    rows, bound, ratios = [], [], []
    for name, make in programs(arguments.large, units).items():
        if arguments.programs and name not in arguments.programs.split(","):
            continue
        try:
            program, ours, theirs = compare(make, driver, arguments.rounds)
        except (RuntimeError, AssertionError) as failure:
            rows.append([name, "-", "-", "-", f"failed: {str(failure).splitlines()[0]}", "-"])
            continue
        pairs = [a / b for a, b in zip(ours, theirs, strict=True)]
        middle = statistics.median(pairs)
        ratios.append(middle)
        rows.append(
            [
                name,
                program.size,
                f"{statistics.median(ours):.1f}",
                f"{statistics.median(theirs):.1f}",
                f"{min(pairs):.3f} / {middle:.3f} / {max(pairs):.3f}",
                verdict(middle, KERNEL_LIMIT),
            ]
        )
        if program.traffic and name in ("saxpy", "heat"):
            bound.append((name, program.traffic / statistics.median(ours), program.traffic // 3))
        print(f"{name}: {middle:.3f}", flush=True)
    report.line("## Kernel times (microseconds by the driver's events; min / median / max of the ratios)")
    report.line()
    report.table(["program", "size", "omply", "by hand", "omply / by hand", "at most"], rows)
    if ratios:
        mean = statistics.geometric_mean(ratios)
        report.line(f"Geometric mean: {mean:.3f} ({verdict(mean, MEAN_LIMIT)})")
        report.line()
    rows = []
    for name, moved, bytes_ in bound:
        copied = copy_bandwidth(driver, bytes_, arguments.rounds)
        share = moved / copied
        rows.append(
            [
                name,
                f"{moved / 1e3:.1f}",
                f"{copied / 1e3:.1f}",
                f"{share:.3f}",
                verdict(share, BANDWIDTH_LIMIT, True),
            ]
        )
    report.line("## Bandwidth (GB/s)")
    report.line()
    report.table(["program", "kernel", "copy within the device", "share", "at least"], rows)


def in_process(*words, **environment):
    """Runs single.py in an interpreter of its own; the numbers that it prints."""
    run = subprocess.run(
        [sys.executable, str(HERE / "single.py"), *words],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    if run.returncode != 0:
        raise RuntimeError(f"single.py {' '.join(words)}: {run.stderr.strip().splitlines()[-1:]}")
    return [float(word) for word in run.stdout.split()]


def report_launch(report, driver):
    address = driver.allocate(1024)
    own = driver.empty_launch(address, 2000)
    runs = [in_process("launch", OMPLY_TRACE="false")[0] for _ in range(5)]
    ours = statistics.median(runs)
    report.line("## Launch of an empty region, everything present, waited for (microseconds)")
    report.line()
    if own is None:
        report.line("There is no C compiler for the loop to compare with; a region takes " + f"{ours:.2f}.")
        report.line()
        return
    # The caches are warm, and the other process is gone.
    own = min(own, driver.empty_launch(address, 2000)) * 1e6
    report.table(
        ["omply", "the driver's own launch and wait", "difference", "at most"],
        [[f"{ours:.2f}", f"{own:.2f}", f"{ours - own:.2f}", verdict(ours - own, LAUNCH_LIMIT_US)]],
    )


def report_compile(report):
    rows = []
    colds, warms = [], []
    for _ in range(5):
        with tempfile.TemporaryDirectory() as folder:
            places = {
                "OMPLY_CACHE_DIR": f"{folder}/omply",
                "CUDA_CACHE_PATH": f"{folder}/cuda",
                "OMPLY_TRACE": "false",
            }
            colds += in_process("compile", **places)
            warms += in_process("compile", **places)
    for what, times, limit in (("cold", colds, COLD_LIMIT_MS), ("cached", warms, CACHED_LIMIT_MS)):
        middle = statistics.median(times)
        rows.append([what, f"{min(times):.1f} / {middle:.1f} / {max(times):.1f}", verdict(middle, limit)])
    report.line("## From a region to a kernel that the driver has loaded (milliseconds, min / median / max)")
    report.line()
    report.table(["cache", "time", "at most"], rows)


def report_absence(report, why):
    report.line(f"There is no device to measure on here: {why}.")
    report.line()
    names = ("saxpy", "reduction", "heat", "matmul", "nbody", "mandelbrot", "sort", "histogram", "sparse")
    rows = [[f"{name}: kernel time over CUDA C's", "open", f"{KERNEL_LIMIT}"] for name in names]
    rows += [
        ["geometric mean of these", "open", f"{MEAN_LIMIT}"],
        ["launch of an empty region over cuLaunchKernel's own", "open", f"{LAUNCH_LIMIT_US:g} us"],
        ["bandwidth of saxpy and heat over the copy's", "open", f"at least {BANDWIDTH_LIMIT}"],
        ["a new kernel, cold / cached", "open", f"{COLD_LIMIT_MS:g} ms / {CACHED_LIMIT_MS:g} ms"],
    ]
    report.table(["measure", "value", "at most"], rows)
    report.line(FILL)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="paired rounds for each program (15)")
    parser.add_argument("--programs", help="only these programs, separated by commas")
    parser.add_argument("--small", dest="large", action="store_false", help="small sizes, as without a GPU")
    arguments = parser.parse_args()
    arguments.large &= PLUGIN == "cuda"
    os.environ["OMPLY_TRACE"] = "true"

    from driver import Cuda, NoDriver, OpenCl
    from omply import omp_get_num_devices

    report = Report(OUT / "bench-gpu.md")
    report.line(f"# Devices, {time.strftime('%Y-%m-%d %H:%M')}")
    report.line()
    with tempfile.TemporaryDirectory() as folder:
        try:
            if omp_get_num_devices() == 0:
                raise NoDriver(f"no device of {PLUGIN} takes part (`omply devices` says why)")
            driver = (OpenCl if PLUGIN == "opencl" else Cuda)(Path(folder))
        except NoDriver as why:
            report_absence(report, why)
            print(f"written to {report.path.relative_to(ROOT)}")
            return
        report.line(f"- device: {driver.name}, plugin {PLUGIN}; by hand: {driver.compiler}")
        report.line(f"- CPython {platform.python_version()}, {platform.system()} {platform.release()}")
        report.line(f"- {arguments.rounds} rounds, in turns; every result compared with the other side's")
        report.line(f"- load when it began: {os.getloadavg()[0]:.2f}")
        if PLUGIN != "cuda":
            report.line(f"- This is a trial of the machinery. {FILL}")
        report.line()
        report_kernels(report, driver, arguments, driver.units)
        report_launch(report, driver)
        report_compile(report)
    print(f"written to {report.path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
