#!/usr/bin/env python3
"""Overheads of constructs on Omply's runtime and on another libomp, in alternating runs of the same program.

usage: run.py LIBOMP_FOLDER [--ours FOLDER] [--rounds N] [--repetitions N] [--threads N] [construct ...]

LIBOMP_FOLDER holds the other libomp.so; for the release build of LLVM 22 take the one in PyPI's pyomp 0.6.0 wheel.
Each round runs the program once on each library; a construct's ratio is ours over theirs in the same round.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def folder_with_both_names(library: pathlib.Path, parent: str, name: str) -> str:
    """A folder in which programs linked to libomp.so and to Debian's libomp.so.5 both find `library`."""
    folder = pathlib.Path(parent, name)
    folder.mkdir()
    for link in ("libomp.so", "libomp.so.5"):
        (folder / link).symlink_to(library)
    return str(folder)


def measure(
    program: str, folder: str, library: pathlib.Path, options: argparse.Namespace
) -> dict[str, tuple[float, float]]:
    environment = {**os.environ, "LD_LIBRARY_PATH": folder, "OMP_NUM_THREADS": str(options.threads)}
    environment.setdefault("OMP_DYNAMIC", "false")
    text = subprocess.run(
        [program, str(options.repetitions), *options.constructs],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    first, *lines = text.splitlines()
    loaded = first.removeprefix("library ")
    if loaded != str(library):
        sys.exit(f"the program has loaded {loaded}, not {library}")
    return {name: (float(low), float(median)) for name, low, median in (line.split() for line in lines)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("libomp", type=pathlib.Path)
    parser.add_argument("--ours", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--program", help="the benchmark, compiled already")
    parser.add_argument("constructs", nargs="*")
    options = parser.parse_intermixed_args()

    compiler = next((c for c in ("clang-22", "clang") if shutil.which(c)), None)
    if options.program is None and compiler is None:
        sys.exit("clang is needed: the program must be compiled for libomp's entry points")
    if options.ours is None:
        built = subprocess.run(
            [ROOT / "crates/runtime/dropin.sh"], check=True, capture_output=True, text=True
        )
        options.ours = pathlib.Path(built.stdout.strip()).parent
    libraries = {
        "ours": (options.ours / "libomp.so").resolve(strict=True),
        "libomp": (options.libomp / "libomp.so").resolve(strict=True),
    }
    with tempfile.TemporaryDirectory() as scratch:
        folders = {
            name: folder_with_both_names(library, scratch, name) for name, library in libraries.items()
        }
        program = options.program or f"{scratch}/epcc"
        if options.program is None:
            command = [
                compiler,
                "-O2",
                "-fopenmp",
                HERE / "epcc.c",
                "-o",
                program,
                "-L",
                folders["ours"],
                "-ldl",
            ]
            subprocess.run(command, check=True)
        rounds: list[dict[str, dict[str, tuple[float, float]]]] = []
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", end="\r", file=sys.stderr, flush=True)
            rounds.append(
                {name: measure(program, folders[name], libraries[name], options) for name in libraries}
            )

    machine = os.uname()
    print(
        f"{machine.sysname} {machine.release} {machine.machine}, {os.cpu_count()} processors, {options.threads} threads"
    )
    print(f"{'construct':14} {'ours µs':>16} {'libomp µs':>16} {'ratio of medians':>24}")
    print(f"{'':14} {'min / median':>16} {'min / median':>16} {'min / median / max':>24}")
    for name in rounds[0]["ours"]:

        def summary(library: str, name: str = name) -> str:
            lows, medians = zip(*(round_[library][name] for round_ in rounds), strict=True)
            return f"{min(lows):.3f} / {statistics.median(medians):.3f}"

        ratios = [
            round_["ours"][name][1] / round_["libomp"][name][1]
            for round_ in rounds
            if round_["libomp"][name][1] > 0
        ]
        spread = f"{min(ratios):.2f} / {statistics.median(ratios):.2f} / {max(ratios):.2f}" if ratios else "-"
        print(f"{name:14} {summary('ours'):>16} {summary('libomp'):>16} {spread:>24}")


if __name__ == "__main__":
    main()
