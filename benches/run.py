"""`make bench`: Omply paired with C, and on request with other compilers for Python. The method is told in README.md.

Prints what it finds as it goes and writes the same as Markdown into out/bench.md.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import c_side
import micro
import peers
from programs import ROOT, programs
from side import Failed, Side

OUT = ROOT / "out"
GEOMETRIC_MEAN_LIMIT = 0.95
RATIO_LIMIT = 1.05


class Report:
    """Prints lines at once and keeps them for the file."""

    def __init__(self, path):
        self.path = path
        self.lines = []

    def line(self, text=""):
        print(text, flush=True)
        self.lines.append(text)
        self.path.write_text("\n".join(self.lines) + "\n")

    def table(self, header, rows):
        """A Markdown table, aligned so that it reads well as plain text too."""
        widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
        for number, row in enumerate([header, *rows]):
            self.line(
                "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
            )
            if number == 0:
                self.line("|" + "|".join("-" * (width + 2) for width in widths) + "|")
        self.line()


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def spread(values):
    return f"{min(values):.3f} / {statistics.median(values):.3f} / {max(values):.3f}"


def verdict(value, limit):
    return f"{limit:g} {'reached' if value <= limit else 'MISSED'}"


def processor():
    for line in Path("/proc/cpuinfo").read_text().split("\n"):
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.machine()


def start_sides(arguments, environment):
    """The sides that can be had here, by name. Omply first; a side that cannot start is said and left out."""
    makers = {
        "omply": lambda: Side("omply", "omply", **environment),
        "unchecked": lambda: Side("unchecked", "omply-unchecked", **environment),
    }
    for kind, compiler in c_side.compilers().items():
        library = c_side.build(compiler, OUT / "bench" / f"libprograms-{kind}.so")
        extra = {}
        if kind == "clang" and (folder := peers.libomp_folder()):
            extra["LD_LIBRARY_PATH"] = str(folder)
        makers[kind] = lambda kind=kind, library=library, extra=extra: Side(
            kind, "c", library, **environment, **extra
        )
    if arguments.peers:
        for peer in peers.COMPILERS:
            makers[peer] = lambda peer=peer: Side(peer, peer, python=peers.python_with(peer), **environment)
    sides = {}
    for name, make in makers.items():
        try:
            sides[name] = make()
        except Failed as failure:
            print(f"left out: {failure}", flush=True)
    return sides


def measure_program(name, sides, rounds, repeat):
    """Checks a program on every side, then times it in turns. Returns {side: [ns, ...]}; a side that fails is left out."""
    able = []
    for side in sides.values():
        if name in side.programs:
            progress(f"{name}: checking {side.name}")
            try:
                side.ask("check", program=name)
                able.append(side)
            except Failed as failure:
                progress("")
                print(f"left out: {name}: {failure}", flush=True)
    times = {side.name: [] for side in able}
    for turn in range(rounds):
        progress(f"{name}: round {turn + 1} of {rounds}")
        first = turn % len(able)
        for side in able[first:] + able[:first]:
            times[side.name].append(side.ask("time", program=name, repeat=repeat))
    progress("")
    return times


def ratios(times, ours, theirs):
    return [a / b for a, b in zip(times[ours], times[theirs], strict=True)]


def report_head(report, sides, cpus, arguments):
    report.line(f"# Benchmarks, {time.strftime('%Y-%m-%d %H:%M')}")
    report.line()
    report.line(
        f"- machine: {processor()}, {os.cpu_count()} processors, {platform.system()} {platform.release()}"
    )
    report.line(f"- threads: {len(cpus)}, kept on processors {', '.join(map(str, cpus))}")
    report.line(
        f"- CPython {platform.python_version()}; {arguments.rounds} rounds, each the best of {arguments.repeat}"
    )
    report.line(f"- load when it began: {os.getloadavg()[0]:.2f}")
    for kind, compiler in c_side.compilers().items():
        used = ", ".join(sides[kind].ask("libraries")) if kind in sides else "not run"
        report.line(f"- {kind}: {c_side.version(compiler)}, {' '.join(c_side.FLAGS)}; runtime: {used}")
    report.line()


def report_programs(report, sides, arguments):
    """Times every program; tells the ratios against C. Returns all times."""
    table = programs()
    if arguments.programs:
        table = {name: table[name] for name in arguments.programs.split(",")}
    c_sides = [name for name in ("clang", "gcc") if name in sides]
    everything, rows, against_better = {}, [], []
    for name, program in table.items():
        times = everything[name] = measure_program(name, sides, arguments.rounds, arguments.repeat)
        if "omply" not in times:
            rows.append([name, program.size, "failed"] + ["-"] * (2 * len(c_sides) + 2))
            continue
        row = [name, program.size, f"{statistics.median(times['omply']) / 1e6:.2f}"]
        row += [f"{statistics.median(times[side]) / 1e6:.2f}" if side in times else "-" for side in c_sides]
        row += [spread(ratios(times, "omply", side)) if side in times else "-" for side in c_sides]
        if measured := [side for side in c_sides if side in times]:
            better = min(measured, key=lambda side: statistics.median(times[side]))
            against_better.append(statistics.median(ratios(times, "omply", better)))
            row += [f"{against_better[-1]:.3f} ({better})", verdict(against_better[-1], RATIO_LIMIT)]
        else:
            row += ["-", "-"]
        rows.append(row)
        print(f"{name}: omply {row[2]} ms" + (f", {row[-2]} of C's time" if measured else ""), flush=True)
    print()
    report.line("## Time over C's (min / median / max; below 1 is faster)")
    report.line()
    report.table(
        ["program", "size", "omply ms"]
        + [f"{side} ms" for side in c_sides]
        + [f"omply / {side}" for side in c_sides]
        + ["/ the better", "at most"],
        rows,
    )
    if against_better:
        mean = statistics.geometric_mean(against_better)
        report.line(
            f"Geometric mean over the better of both: {mean:.3f} ({verdict(mean, GEOMETRIC_MEAN_LIMIT)})"
        )
        report.line()
    return everything


def report_pairs(report, everything, title, ours, theirs, limit=None):
    rows = []
    for name, times in everything.items():
        if ours in times and theirs in times:
            values = ratios(times, ours, theirs)
            row = [name, spread(values)]
            rows.append([*row, verdict(statistics.median(values), limit)] if limit else row)
    if rows:
        report.line(f"## {title}")
        report.line()
        report.table(["program", "min / median / max"] + (["at most"] if limit else []), rows)


def report_constructs(report):
    """The runtime's constructs against libomp's, by the script that measures them."""
    libomp = peers.libomp_folder()
    if libomp is None:
        print("left out: the runtime's constructs: no release build of libomp to compare with", flush=True)
        return
    script = Path(__file__).resolve().parent / "runtime" / "run.py"
    run = subprocess.run([sys.executable, script, "--peers", "libomp"], stdout=subprocess.PIPE, text=True)
    if run.returncode != 0:
        print("left out: the runtime's constructs: their script failed", flush=True)
        return
    report.line("## Constructs of the runtime over libomp's (EPCC's method)")
    report.line()
    report.line("```")
    report.line(run.stdout.rstrip())
    report.line("```")
    report.line()


def report_fallback(report, environment):
    """Regions on the host, where there is no device to run them."""
    script = Path(__file__).resolve().parent / "fallback.py"
    no_device = {"OMP_TARGET_OFFLOAD": "disabled"}
    run = subprocess.run(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment, **no_device},
    )
    if run.returncode != 0:
        print("left out: regions without a device: their script failed", flush=True)
        return
    report.line("## Regions without a device over the same loops without target (min / median / max)")
    report.line()
    report.line("```")
    report.line(run.stdout.rstrip())
    report.line("```")
    report.line()


def report_micro(report):
    rows = []
    try:
        for what, unit, (low, middle, high), cpu, limit in micro.measure():
            processor_time = "-" if cpu is None else f"{cpu:.2f}"
            clock = f"{low:.2f} / {middle:.2f} / {high:.2f}"
            rows.append([what, unit, clock, processor_time, verdict(middle, limit)])
            print(f"{what}: {middle:.2f} {unit}", flush=True)
    except RuntimeError as failure:
        print(f"left out: {failure}", flush=True)
    print()
    report.line("## Around the kernels")
    report.line()
    report.table(["measure", "unit", "min / median / max", "processor time", "at most"], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="paired rounds for each program (15)")
    parser.add_argument("--repeat", type=int, default=3, help="runs in a round, of which the best counts (3)")
    parser.add_argument("--threads", type=int, default=2, help="threads, each on a processor of its own (2)")
    parser.add_argument("--peers", action="store_true", help="also Numba and PyOMP, installed for this")
    parser.add_argument("--programs", help="only these programs, separated by commas")
    parser.add_argument("--only", choices=["programs", "constructs", "around"], help="only this part")
    arguments = parser.parse_args()

    cpus = sorted(os.sched_getaffinity(0))[: arguments.threads]
    os.sched_setaffinity(0, cpus)
    environment = {
        "OMP_NUM_THREADS": str(len(cpus)),
        "OMP_PROC_BIND": "true",
        "NUMBA_NUM_THREADS": str(len(cpus)),
    }
    environment["OMPLY_MODE"] = "native"  # where a program cannot be compiled, that is to be seen, not timed
    environment["OMPLY_CACHE_DIR"] = str(OUT / "bench" / "cache")
    OUT.mkdir(exist_ok=True)
    report = Report(OUT / "bench.md")

    if arguments.only in (None, "programs"):
        sides = start_sides(arguments, environment)
        try:
            report_head(report, sides, cpus, arguments)
            everything = report_programs(report, sides, arguments)
        finally:
            for side in sides.values():
                side.end()
        report_pairs(report, everything, "Bounds checks on over off", "omply", "unchecked", RATIO_LIMIT)
        for peer in peers.COMPILERS:
            report_pairs(report, everything, f"Omply over {peer}", "omply", peer)
    if arguments.only in (None, "constructs"):
        report_constructs(report)
    if arguments.only in (None, "around"):
        report_fallback(report, environment)
        report_micro(report)
    print(f"written to {report.path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
