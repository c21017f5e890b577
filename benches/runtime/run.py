#!/usr/bin/env python3
"""Overheads of constructs on Omply's runtime and on others, in alternating runs of the same program.

usage: run.py [--libomp FOLDER] [--peers libomp,intel,libgomp] [--ours FOLDER] [--threads 2,4,16] [--rounds N] [construct ...]

Constructs are named as `epcc.c` prints them; `syncbench` and `schedbench` name groups, and `costs` what `costs.c` measures.
The program is compiled by Clang for all runtimes but libgomp, for which gcc compiles it. Each round runs it once on each
runtime. A ratio is ours over theirs in the same round; that over the best is the largest of the peers' median ratios.
"""

import argparse
import collections
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))

# Smaller overheads than this many microseconds count as this much: they are noise.
SMALLEST = 0.001
# What waits must cost at most of libomp's when there are more threads than processors.
CROWDED = {"parallel": 0.5, "barrier": 0.5, "reduction": 0.5}
# What ours may be, whatever the others need.
ABSOLUTE = {"memory_KiB": 64, "idle_ms": 10}

Figures = dict[str, tuple[float, float]]


class Runtime:
    """One runtime and the programs that run on it."""

    def __init__(self, name: str, library: pathlib.Path | None, scratch: pathlib.Path) -> None:
        self.name = name
        self.folder = scratch / name
        self.folder.mkdir()
        self.library = library and library.resolve(strict=True)
        for link in ("libomp.so", "libomp.so.5", "libiomp5.so"):
            if self.library:
                (self.folder / link).symlink_to(self.library)

    def compile(self, source: str) -> None:
        if self.library:
            compiler = next((c for c in ("clang-22", "clang") if shutil.which(c)), None)
        else:
            compiler = shutil.which("gcc")
        if compiler is None:
            sys.exit(
                f"{self.name} needs {'clang' if self.library else 'gcc'}: the program is compiled for its entry points"
            )
        command = [compiler, "-O2", "-fopenmp", HERE / f"{source}.c", "-o", self.folder / source, "-ldl"]
        subprocess.run([*command, "-L", self.folder], check=True)

    def run(self, source: str, threads: int, *arguments: str) -> Figures:
        environment = {**os.environ, "LD_LIBRARY_PATH": str(self.folder), "OMP_NUM_THREADS": str(threads)}
        environment.setdefault("OMP_DYNAMIC", "false")
        command = [self.folder / source, *arguments]
        text = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
        first, *lines = text.splitlines()
        loaded = pathlib.Path(first.removeprefix("library "))
        if loaded != self.library if self.library else not loaded.name.startswith("libgomp"):
            sys.exit(f"{self.name}: the program has loaded {loaded}")
        return {name: (float(low), float(median)) for name, low, median in (line.split() for line in lines)}


def runtimes(options: argparse.Namespace, scratch: pathlib.Path) -> list[Runtime]:
    import peers

    if options.ours is None:
        script = ROOT / "crates/runtime/dropin.sh"
        built = subprocess.run([script], check=True, capture_output=True, text=True)
        options.ours = pathlib.Path(built.stdout.splitlines()[-1]).parent
    found = [Runtime("ours", options.ours / "libomp.so", scratch)]
    for name in options.peers.split(","):
        if name == "libgomp":
            found.append(Runtime(name, None, scratch))
            continue
        folder = {"libomp": options.libomp or peers.libomp_folder, "intel": peers.intel_folder}[name]
        folder = folder() if callable(folder) else folder
        if folder is None:
            print(f"left out: {name} cannot be had", file=sys.stderr)
        else:
            found.append(Runtime(name, folder / "libomp.so", scratch))
    return found


def measure(
    found: list[Runtime], source: str, threads: int, options: argparse.Namespace, names: list[str]
) -> list[dict[str, Figures]]:
    rounds = []
    for number in range(options.rounds):
        print(
            f"{threads} threads, round {number + 1} of {options.rounds}",
            end="\r",
            file=sys.stderr,
            flush=True,
        )
        turned = collections.deque(found)
        turned.rotate(number)
        rounds.append({r.name: r.run(source, threads, str(options.repetitions), *names) for r in turned})
    return rounds


def geometric_mean(values: list[float]) -> float:
    return math.exp(statistics.fmean(math.log(value) for value in values))


def report(rounds: list[dict[str, Figures]], threads: int, unit: str) -> None:
    libraries = list(rounds[0])
    libraries = ["ours", *(name for name in libraries if name != "ours")]
    others = libraries[1:]
    titles = [f"{name} {unit}" for name in libraries] + [f"/{name}" for name in others] + ["/best"]
    print(f"{'construct':14}" + "".join(f"{title:>16}" for title in titles))
    best, over_libomp = [], []  # A star behind a ratio marks a measure that is missed.
    for name in rounds[0]["ours"]:
        cells = []
        for library in libraries:
            lows, medians = zip(*(round_[library][name] for round_ in rounds), strict=True)
            cells.append(f"{min(lows):.3f}/{statistics.median(medians):.3f}")
        if name in ABSOLUTE:
            missed = statistics.median(round_["ours"][name][1] for round_ in rounds) > ABSOLUTE[name]
            cells.append(f"at most {ABSOLUTE[name]}{'*' if missed else ' '}")
            print(f"{name:14}" + "".join(f"{cell:>16}" for cell in cells))
            continue
        ratios = {
            other: statistics.median(
                max(round_["ours"][name][1], SMALLEST) / max(round_[other][name][1], SMALLEST)
                for round_ in rounds
            )
            for other in others
        }
        if ratios:
            best.append(max(ratios.values()))
            over_libomp.append(ratios.get("libomp", best[-1]))
            limit = CROWDED.get(name) if threads > (os.cpu_count() or 1) else None
            missed = best[-1] > 1 if limit is None else ratios.get("libomp", 0) > limit
            cells += [f"{ratio:.2f}" for ratio in ratios.values()] + [
                f"{best[-1]:.2f}{'*' if missed else ' '}"
            ]
        print(f"{name:14}" + "".join(f"{cell:>16}" for cell in cells))
    if best:
        print(
            f"geometric mean over the best {geometric_mean(best):.2f}, over libomp {geometric_mean(over_libomp):.2f}"
        )
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--libomp", type=pathlib.Path, help="folder of libomp's release build")
    parser.add_argument("--peers", default="libomp,intel,libgomp")
    parser.add_argument("--ours", type=pathlib.Path, help="folder of our library; default: built now")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--threads", default="2")
    parser.add_argument("constructs", nargs="*", default=["syncbench"])
    options = parser.parse_intermixed_args()
    names = [name for name in options.constructs if name != "costs"]

    with tempfile.TemporaryDirectory() as scratch:
        found = runtimes(options, pathlib.Path(scratch))
        machine = os.uname()
        print(
            f"{machine.sysname} {machine.release} {machine.machine}, {os.cpu_count()} processors; minimum/median, then ratios"
        )
        for source, wanted in (("epcc", bool(names)), ("costs", "costs" in options.constructs)):
            if not wanted:
                continue
            for runtime in found:
                runtime.compile(source)
            for threads in map(int, options.threads.split(",")):
                print(f"{threads} threads")
                rounds = measure(found, source, threads, options, names if source == "epcc" else [])
                report(rounds, threads, "µs" if source == "epcc" else "")


if __name__ == "__main__":
    main()
