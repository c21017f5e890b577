"""What constructs cost in python mode, paired with OMP4Py where it can be installed.

usage: python_mode.py [--rounds 7]

Each side runs in fresh processes, in turns. The time of a construct is that of a loop with it less that of the loop without
it, over the number of times it was met. Two threads; a task's time is that of its generation and execution by both.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import peers

CONSTRUCTS = {"parallel": 300, "for": 3_000, "barrier": 3_000, "critical": 20_000, "task": 4_000}
# OMP4Py's best mode, its repository's head with a runtime of compiled code, which PyPI does not have: microseconds with the GIL
# and free-threaded, on two processors. A construct is to cost half of that at most.
BEST = {"parallel": (186, 368), "barrier": (12, 16), "critical": (0.6, 1.0), "task": (2.4, 1.8)}

PROGRAM = """
import json, sys, time
{header}

@decorated
def parallel(n):
    for _ in range(n):
        with omp("parallel"):
            pass

@decorated
def for_(n):
    with omp("parallel"):
        for _ in range(n):
            with omp("for"):
                for i in range(2):
                    pass

@decorated
def barrier(n):
    with omp("parallel"):
        for _ in range(n):
            omp("barrier")

@decorated
def critical(n):
    with omp("parallel"):
        for _ in range(n):
            with omp("critical"):
                pass

@decorated
def task(n):
    with omp("parallel"):
        with omp("single"):
            for _ in range(n):
                with omp("task"):
                    pass
            omp("taskwait")

def nothing(n):
    for _ in range(n):
        pass

def timed(function, n):
    start = time.perf_counter()
    function(n)
    return time.perf_counter() - start

def cost(function, n):
    function(n // 10)
    return min(timed(function, n) - timed(nothing, n) for _ in range(5)) / n * 1e6

counts = json.loads(sys.argv[1])
print(json.dumps({{name: cost(globals()[name if name != "for" else "for_"], n) for name, n in counts.items()}}))
"""
HEADERS = {
    "omply": 'from omply import omp\ndecorated = omp(mode="python")',
    "omp4py": "from omp4py import omp, omp_set_num_threads\ndecorated = omp\nomp_set_num_threads(2)",
}


def measure(side, python):
    """One process of a side: microseconds of each construct."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "measured.py"
        path.write_text(PROGRAM.format(header=HEADERS[side]))
        environment = {**os.environ, "OMP_NUM_THREADS": "2"}
        run = subprocess.run(
            [str(python), str(path), json.dumps(CONSTRUCTS)],
            capture_output=True,
            text=True,
            env=environment,
            timeout=300,
        )
    if run.returncode:
        raise RuntimeError(f"{side}: {run.stderr.strip().splitlines()[-1]}")
    return json.loads(run.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="processes of each side (7)")
    arguments = parser.parse_args()
    free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    sides = {"omply": sys.executable}
    try:
        sides["omp4py"] = peers.python_with("omp4py")
    except (OSError, subprocess.CalledProcessError) as failure:
        print(f"left out: OMP4Py: {failure}")
    found = {side: [] for side in sides}
    for turn in range(arguments.rounds):
        names = list(sides)
        for side in names[turn % len(names) :] + names[: turn % len(names)]:
            found[side].append(measure(side, sides[side]))
    print(
        f"CPython {sys.version.split()[0]}{', free-threaded' if free_threaded else ''}; two threads; microseconds"
    )
    print(
        f"{'construct':10} {'omply (min / median / max)':>30} {'omp4py, from PyPI':>20} {'ratio':>7} {'at most':>9}"
    )
    missed = False
    for name in CONSTRUCTS:
        times = [each[name] for each in found["omply"]]
        middle = statistics.median(times)
        line = f"{name:10} {min(times):9.2f} /{middle:8.2f} /{max(times):8.2f} "
        if "omp4py" in sides:
            theirs = [each[name] for each in found["omp4py"]]
            ratio = statistics.median(a / b for a, b in zip(times, theirs, strict=True))
            line += f"{statistics.median(theirs):20.2f} {ratio:7.3f} "
        if name in BEST:
            limit = BEST[name][free_threaded] / 2
            missed |= middle > limit
            line += f"{limit:9.2f} {'reached' if middle <= limit else 'MISSED'}"
        print(line)
    return missed


if __name__ == "__main__":
    sys.exit(main())
