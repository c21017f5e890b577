"""What the tests of devices share: one run of each file of programs for each kind of device, in an interpreter of its own because a
process looks for its devices once. At its end a test run says which devices took part."""

import os
import subprocess
import sys
from pathlib import Path

FILES = [Path(__file__).with_name(name) for name in ("programs.py", "memory.py", "teams.py")]
EXAMPLES = FILES[0].parents[2] / "examples" / "devices"
PLUGINS = ("host", "host-separate", "opencl", "cuda", "hip")
# Without these a test run is not complete; the others take part where there is such hardware. The set-up names a driver for OpenCL.
EXPECTED = ("host", "host-separate", *(["opencl"] if "OMPLY_OPENCL_LIBRARY" in os.environ else []))


class Run:
    """All programs of a file on one kind of device."""

    def __init__(self, plugin, file):
        arguments = ["--host"] if plugin == "host" else []
        environment = {**os.environ, "OMPLY_DEVICES": "host-separate" if plugin == "host" else plugin}
        environment["OMP_NUM_THREADS"] = "4"
        try:
            done = subprocess.run(
                [sys.executable, str(file), *arguments],
                capture_output=True,
                text=True,
                timeout=540,
                env=environment,
            )
            self.output, self.status = done.stdout + done.stderr, done.returncode
        except subprocess.TimeoutExpired as late:
            self.output, self.status = f"{late.stdout}\n{late}", -1
        self.present = self.status != 2
        self.results = {}
        name = None
        for line in self.output.splitlines():
            word, _, rest = line.partition(" ")
            if word in ("passed", "FAILED"):
                name, self.results[rest] = rest, []
                if word == "passed":
                    self.results[rest] = None
            elif name and self.results[name] is not None:
                self.results[name].append(line)


RUNS = {}


def run_on(plugin, file, say_at_the_end):
    if (plugin, file) not in RUNS:
        run = RUNS[plugin, file] = Run(plugin, file)
        last = run.output.strip().splitlines()[-1:] or ["no output"]
        state = "took part" if run.present else "did NOT take part"
        say_at_the_end(f"{plugin}, {file.name}: {state}: {last[0]}")
    return RUNS[plugin, file]
