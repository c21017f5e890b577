"""`make compare`: random programs, whose results in python and native mode must be those of the serial program.

usage: compare.py [--programs 1000] [--seed 0] [--processes 2]

The programs of seeds from --seed on are made by `random_programs` and run by worker processes. A program whose results
differ is made smaller, as far as it goes on failing, and printed. A worker that ends or waits for ever is a difference, too.
"""

import argparse
import contextlib
import faulthandler
import io
import json
import os
import queue
import subprocess
import sys
import threading
import time
import warnings

from random_programs.choices import smallest
from random_programs.generator import generate

# Compiled programs stay in a process: it is replaced after so many.
BATCH = 400
# Of so many programs one is optimised fully and one a little, which takes many times the rest of a program's time.
CYCLE = 16
LEVELS = {0: 3, CYCLE // 2: 1}
# A program takes milliseconds.
LONGEST = 60


def worker():
    """Runs the programs of the seeds that come as lines, one after the other; answers with lines of JSON."""
    from random_programs.comparison import compare

    warnings.filterwarnings("ignore", "omply: directive")
    for line in sys.stdin:
        request = json.loads(line)
        faulthandler.dump_traceback_later(LONGEST, exit=True)
        text = request.get("text") or generate(request["seed"])[0]
        with contextlib.redirect_stderr(io.StringIO()):
            found = compare(
                text, request["seed"], teams=request.get("teams"), repeat=request.get("repeat", 1)
            )
        faulthandler.cancel_dump_traceback_later()
        print(json.dumps(found), flush=True)


class Worker:
    """A process that runs programs; started anew when it has ended or has run a batch."""

    def __init__(self, level):
        self.level = level
        self.process = None
        self.left = 0

    def ask(self, **request):
        if self.left == 0:
            self.end()
            environment = {**os.environ, "OMPLY_CACHE": "0", "OMPLY_OPT_LEVEL": str(self.level)}
            self.process = subprocess.Popen(
                [sys.executable, __file__, "--worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment,
            )
            self.left = BATCH
        self.left -= 1
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if answer:
            return json.loads(answer)
        self.left = 0
        said = self.process.stderr.read()
        return f"the process ended (status {self.process.wait()}): {said[-2000:]}"

    def end(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
                pipe.close()
            self.process = None


def level(seed):
    return LEVELS.get(seed % CYCLE, 0)


def shrunk(seed, found, seconds):
    """The smallest program that fails in the same way; each candidate is run several times, with several teams."""
    own = Worker(level(seed))

    def way(found):
        return found and found.split(",")[0].split(" ")[0].split("[")[0]

    def ask(text):
        return own.ask(seed=seed, text=text, teams=[1, 2, 4], repeat=3)

    text, numbers = generate(seed)
    try:
        again = ask(text)
        if way(again) != way(found):
            return text, f"{found}\n(not at every run)"
        text = smallest(
            numbers, lambda given: generate(numbers=given), lambda text: way(ask(text)) == way(found), seconds
        )
        return text, ask(text) or found
    finally:
        own.end()


def run(seeds, failures, done):
    """Takes seeds until there are no more."""
    workers = {level: Worker(level) for level in (0, *LEVELS.values())}
    while True:
        try:
            seed = seeds.get_nowait()
        except queue.Empty:
            break
        if found := workers[level(seed)].ask(seed=seed):
            failures.append((seed, found))
        done.append(seed)
    for own in workers.values():
        own.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=1000, help="how many (1000)")
    parser.add_argument("--seed", type=int, default=0, help="the first one's seed (0)")
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count(), help="how many at once (one for each processor)"
    )
    parser.add_argument(
        "--shrink", type=float, default=60, help="seconds to make a failing program smaller (60)"
    )
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        return worker()

    seeds, failures, done, told = queue.Queue(), [], [], 0
    for seed in range(arguments.seed, arguments.seed + arguments.programs):
        seeds.put(seed)
    threads = [threading.Thread(target=run, args=(seeds, failures, done)) for _ in range(arguments.processes)]
    start = last = time.monotonic()
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.5)
        while told < len(failures):
            seed, found = failures[told]
            told += 1
            print(f"seed {seed}: {found}\n", flush=True)
        if time.monotonic() - last > 60:
            last = time.monotonic()
            print(f"{len(done)} programs, {len(failures)} failures, {last - start:.0f} s", flush=True)
    for seed, found in failures[:10]:
        text, how = shrunk(seed, found, arguments.shrink)
        print(f"{'-' * 80}\nseed {seed}, made smaller:\n\n{text}\n{how}", flush=True)
    print(f"{len(done)} programs, {len(failures)} failures, {time.monotonic() - start:.0f} s")
    return len(failures) > 0


if __name__ == "__main__":
    sys.exit(main())
