"""One side of a comparison, seen from the measuring process: a worker that runs only while it is asked for something."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

WORKER = Path(__file__).resolve().parent / "worker.py"


class Failed(Exception):
    """The worker could not do what it was asked."""


class Side:
    """A worker process. Between requests it is stopped, so that threads of its runtime that spin take no processor."""

    def __init__(self, name, *arguments, python=sys.executable, sizes=None, **environment):
        self.name = name
        self.process = subprocess.Popen(
            [str(python), str(WORKER), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        self.programs = self.exchange(sizes or {})
        self.pause()

    def exchange(self, message):
        try:
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise Failed(f"{self.name}: the worker ended (status {self.process.wait()})")
        return json.loads(line)

    def ask(self, do, **request):
        self.process.send_signal(signal.SIGCONT)
        reply = self.exchange({"do": do, **request})
        self.pause()
        if "error" in reply:
            raise Failed(f"{self.name}: {reply['error']}")
        return reply["ok"]

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def end(self):
        self.process.kill()
        self.process.wait()
