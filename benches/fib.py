"""fib with a task for every call, `examples/fib.py` through Omply's own lowering, paired with Rayon's `join`, which cargo builds.

Each side is a process that is handed numbers and answers with what it found and the seconds it took. The sides run in turns; the
ratio is taken within a round.
"""

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

from programs import ROOT
from run import OUT, spread, verdict

HERE = Path(__file__).resolve().parent
LIMIT = 2.0

OURS = """
import sys, time
sys.path.insert(0, sys.argv[1])
from fib import by_a_team
by_a_team(10)
for line in sys.stdin:
    start = time.perf_counter()
    found = by_a_team(int(line))
    print(found, time.perf_counter() - start, flush=True)
"""


class Peer:
    def __init__(self, *command, **environment):
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )

    def fib(self, n):
        self.process.stdin.write(f"{n}\n")
        self.process.stdin.flush()
        found, seconds = self.process.stdout.readline().split()
        return int(found), float(seconds)

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=32, help="which number (32)")
    parser.add_argument("--rounds", type=int, default=15, help="paired rounds (15)")
    parser.add_argument("--threads", type=int, default=2, help="threads of each side (2)")
    arguments = parser.parse_args()
    target = OUT / "bench" / "rayon"
    manifest = HERE / "rayon" / "Cargo.toml"
    build = ["cargo", "build", "--quiet", "--release", "--locked", "--manifest-path", manifest]
    subprocess.run([*build, "--target-dir", target], check=True)

    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.threads])
    threads = str(arguments.threads)
    team = {"OMP_NUM_THREADS": threads, "OMP_PROC_BIND": "true", "OMPLY_MODE": "native"}
    ours = Peer(sys.executable, "-c", OURS, str(ROOT / "examples"), **team)
    theirs = Peer(target / "release" / "fib-rayon", RAYON_NUM_THREADS=threads)
    ratios, seconds = [], {"omply": [], "rayon": []}
    for _ in range(arguments.rounds):
        (found, mine), (expected, other) = ours.fib(arguments.n), theirs.fib(arguments.n)
        assert found == expected, (found, expected)
        ratios.append(mine / other)
        seconds["omply"].append(mine)
        seconds["rayon"].append(other)
    ours.end()
    theirs.end()
    print(f"fib({arguments.n}), {threads} threads, {arguments.rounds} rounds (min / median / max)")
    for name, times in seconds.items():
        print(f"{name}: {spread(times)} s")
    print(f"omply / rayon: {spread(ratios)}, at most {verdict(statistics.median(ratios), LIMIT)}")


if __name__ == "__main__":
    main()
