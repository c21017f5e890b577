#!/usr/bin/env python3
"""Task programs on Omply's runtime, LLVM's libomp, Intel's library and gcc's libgomp, in alternating runs.

usage: run.py [--threads N] [--rounds N] [--peers libomp,intel,libgomp] [--ours FOLDER] [program ...]

In each round every program runs once on each library, the order turning from round to round; a ratio is ours over theirs in
the same round, and the medians of the ratios are the figures. The programs are compiled by Clang for all libraries but
libgomp, for which gcc compiles them. They check their results, and say which library they have really loaded.
Programs: fib, nqueens, sort, sparselu, sparselu_depend, strassen, taskbench, replay, memory; without any, all but the last two.
"""

import argparse
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
sys.path.insert(0, str(ROOT / "benches"))
import peers  # noqa: E402

EXTRA = ["replay", "memory"]
PROGRAMS = ["fib", "nqueens", "sort", "sparselu", "sparselu_depend", "strassen", "taskbench"]
QUICK = {"fib": ["27"], "nqueens": ["9"], "sort": ["1000000"], "strassen": ["512"], "taskbench": ["5"], "memory": ["1000000"]}  # fmt: skip


def compilers(wanted):
    found = {
        "clang": next((c for c in ("clang-22", "clang") if shutil.which(c)), None),
        "gcc": shutil.which("gcc"),
    }
    if found["clang"] is None:
        sys.exit("clang is needed: the programs must be compiled for libomp's entry points")
    if found["gcc"] is None and "libgomp" in wanted:
        print("left out: libgomp, because there is no gcc", file=sys.stderr)
        wanted.remove("libgomp")
    return found


def libraries(options):
    """Each side's name, library folder and compiler; peers that cannot be had are named and left out."""
    wanted = options.peers.split(",") if options.peers else []
    if unknown := set(wanted) - {"libomp", "intel", "libgomp"}:
        sys.exit(f"no such peer: {', '.join(sorted(unknown))}; there are libomp, intel and libgomp")
    found = compilers(wanted)
    if options.ours is None:
        built = subprocess.run(
            [ROOT / "crates/runtime/dropin.sh"], check=True, capture_output=True, text=True
        )
        options.ours = pathlib.Path(built.stdout.strip()).parent
    sides = {"ours": (options.ours, found["clang"])}
    for name in wanted:
        if name == "libgomp":
            file = subprocess.run(
                [found["gcc"], "-print-file-name=libgomp.so.1"], capture_output=True, text=True
            )
            sides[name] = (pathlib.Path(file.stdout.strip()).parent, found["gcc"])
            continue
        folder = peers.libomp_folder() if name == "libomp" else peers.intel_folder()
        if folder is None:
            print(f"left out: {name}, which could not be downloaded from PyPI", file=sys.stderr)
        else:
            sides[name] = (folder, found["clang"])
    return sides


class Side:
    """A library with the programs compiled for it."""

    def __init__(self, name, folder, compiler, scratch):
        self.name, self.compiler = name, compiler
        self.gomp = name == "libgomp"
        self.library = (folder / ("libgomp.so.1" if self.gomp else "libomp.so")).resolve(strict=True)
        # Every name that programs may have been linked with, in a folder that holds nothing else.
        self.folder = pathlib.Path(scratch, name)
        self.folder.mkdir()
        for link in ("libgomp.so.1",) if self.gomp else ("libomp.so", "libomp.so.5", "libiomp5.so"):
            (self.folder / link).symlink_to(self.library)

    def compile(self, program):
        command = [self.compiler, "-O2", "-fopenmp", HERE / f"{program}.c", "-o", self.folder / program, "-ldl", "-lm"]  # fmt: skip
        if not self.gomp:
            command += ["-L", self.folder]
        subprocess.run(command, check=True)

    def run(self, program, arguments, options):
        environment = {"OMP_DYNAMIC": "false", **os.environ}
        environment |= {"LD_LIBRARY_PATH": str(self.folder), "OMP_NUM_THREADS": str(options.threads)}
        try:
            text = subprocess.run(
                [self.folder / program, *arguments],
                env=environment,
                check=True,
                stdout=subprocess.PIPE,
                text=True,
                timeout=options.timeout,
            ).stdout
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as problem:
            print(f"{program} on {self.name}: {problem}", file=sys.stderr)
            return {}
        first, *lines = text.splitlines()
        if first != f"library {self.library}":
            sys.exit(f"{program} has loaded {first.removeprefix('library ')}, not {self.library}")
        return {name: (float(low), float(high)) for name, low, high in (line.split() for line in lines)}


def spread(ratios):
    return f"{min(ratios):.2f} / {statistics.median(ratios):.2f} / {max(ratios):.2f}"


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(value) for value in values))


def report_times(rounds, sides, title, geometric):
    """Medians of each side, and ratios of ours: to the best of the others, to libomp."""
    print(
        f"\n{title:16}" + "".join(f"{name:>12}" for name in sides) + f"{'over best':>24}{'over libomp':>24}"
    )
    over = {"best": {}, "libomp": {}}
    for row in dict.fromkeys(name for round_ in rounds for name in round_["ours"]):
        # Differences of times may come out at or below zero: then the best that can be said is that they are small.
        samples = {
            side: [max(round_[side][row][1], 1e-3 if geometric == "taskbench" else 1e-6) for round_ in rounds if row in round_.get(side, {})]
            for side in sides
        }  # fmt: skip
        cells = "".join(
            f"{statistics.median(values):12.3f}" if values else f"{'-':>12}" for values in samples.values()
        )
        peers_ = [side for side in sides if side != "ours" and len(samples[side]) == len(rounds)]
        if len(samples["ours"]) < len(rounds) or not peers_:
            print(f"{row:16}{cells}")
            continue
        best = min(peers_, key=lambda side: statistics.median(samples[side]))
        text = ""
        for kind, peer in (("best", best), ("libomp", "libomp" if "libomp" in peers_ else None)):
            if peer is None:
                text += f"{'-':>24}"
                continue
            ratios = [a / b for a, b in zip(samples["ours"], samples[peer], strict=True)]
            over[kind][row] = statistics.median(ratios)
            text += f"{spread(ratios):>24}"
        print(f"{row:16}{cells}{text}")
    for kind, ratios in over.items():
        if ratios:
            print(f"geometric mean over {'the best of them' if kind == 'best' else kind}: {geometric_mean(ratios.values()):.2f}")  # fmt: skip


def report_memory(rounds, sides):
    print(f"\n{'memory, KiB':16}" + "".join(f"{name:>24}" for name in sides))
    for row in rounds[0]["ours"]:
        cells = ""
        for side in sides:
            values = [round_[side][row] for round_ in rounds if row in round_.get(side, {})]
            cells += (
                f"{max(values)[0]:12.0f} {max(after - before for before, after in values):+11.0f}"
                if values
                else f"{'-':>24}"
            )
        print(f"{row:16}{cells}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", default="libomp,intel,libgomp")
    parser.add_argument("--ours", type=pathlib.Path, help="folder of our libomp.so, built already")
    parser.add_argument("--quick", action="store_true", help="small problems")
    parser.add_argument("--timeout", type=float, default=120, help="seconds for one run of a program")
    parser.add_argument("--tests", default="", help="tests of taskbench, separated by commas")
    parser.add_argument("programs", nargs="*", metavar="program")
    options = parser.parse_intermixed_args()
    programs = options.programs or PROGRAMS
    if unknown := [name for name in programs if name not in [*PROGRAMS, *EXTRA]]:
        sys.exit(f"no such program: {', '.join(unknown)}; there are {', '.join([*PROGRAMS, *EXTRA])}")

    with tempfile.TemporaryDirectory() as scratch:
        sides = [Side(name, *rest, scratch) for name, rest in libraries(options).items()]
        for side in sides:
            for program in programs:
                side.compile(program)
        rounds = {program: [] for program in programs}
        for number in range(options.rounds):
            for program in programs:
                print(
                    f"\rround {number + 1} of {options.rounds}: {program:16}",
                    end="",
                    file=sys.stderr,
                    flush=True,
                )
                arguments = QUICK.get(program, []) if options.quick else []
                if program == "taskbench" and options.tests:
                    arguments = [*(arguments or ["20"]), *options.tests.split(",")]
                turn = number % len(sides)
                rounds[program].append(
                    {side.name: side.run(program, arguments, options) for side in sides[turn:] + sides[:turn]}
                )
    print("\r" + " " * 40 + "\r", end="", file=sys.stderr)

    machine = os.uname()
    print(
        f"{machine.sysname} {machine.release} {machine.machine}, {os.cpu_count()} processors, {options.threads} threads, {options.rounds} rounds"
    )
    for side in sides:
        print(f"{side.name}: {side.library}")
    names = [side.name for side in sides]
    print("medians, then min / median / max of the ratios of ours")
    timed = [name for name in programs if name not in ("taskbench", *EXTRA)]
    if timed:
        merged = [
            {side: {k: v for name in timed for k, v in rounds[name][number][side].items()} for side in names}
            for number in range(options.rounds)
        ]
        report_times(merged, names, "seconds", "programs")
    if "taskbench" in programs:
        report_times(rounds["taskbench"], names, "microseconds", "taskbench")
    if "replay" in programs:
        report_times(rounds["replay"], names, "microseconds", "taskbench")
    if "memory" in programs:
        report_memory(rounds["memory"], names)


if __name__ == "__main__":
    main()
