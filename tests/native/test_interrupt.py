"""Ctrl-C ends native code within a tenth of a second, wherever it is, and leaves the runtime usable."""

import signal
import subprocess
import sys
import textwrap
import time

import pytest

LOOPS = {
    "endless while": """
        def f(a):
            i = 0
            while True:
                i += 1
        """,
    "endless while that does nothing": """
        def f(a):
            while True:
                pass
        """,
    "long for": """
        def f(a):
            s = 0.0
            for i in range(10**15):
                s += a[i % 8]
            return s
        """,
    "nested for": """
        def f(a):
            s = 0.0
            for i in range(10**9):
                for j in range(8):
                    s += a[j] * i
            return s
        """,
    "vector loop inside": """
        def f(a):
            for t in range(10**9):
                for i in range(len(a)):
                    a[i] = a[i] * 0.5 + 1.0
        """,
    "one vector loop": """
        def f(a):
            s = 0
            for i in range(10**16):
                s ^= i * i
            return s
        """,
    "parallel for": """
        def f(a):
            s = 0.0
            with omp("parallel for reduction(+: s) num_threads(2)"):
                for i in range(10**15):
                    s += (i & 7) * 0.5
            return s
        """,
    "dynamic schedule": """
        def f(a):
            with omp("parallel for schedule(dynamic) num_threads(2)"):
                for i in range(10**15):
                    a[i % 8] = i
        """,
    "one thread works, others at a barrier": """
        def f(a):
            with omp("parallel num_threads(4)"):
                if omp_get_thread_num() == 1:
                    while True:
                        a[0] += 1.0
                omp("barrier")
        """,
    "wait for a critical region": """
        def f(a):
            with omp("parallel num_threads(4)"):
                with omp("critical"):
                    while True:
                        a[0] += 1.0
        """,
    "single": """
        def f(a):
            with omp("parallel num_threads(4)"):
                with omp("single"):
                    while True:
                        a[0] += 1.0
        """,
    "ordered": """
        def f(a):
            with omp("parallel for ordered num_threads(4) schedule(dynamic)"):
                for i in range(100):
                    with omp("ordered"):
                        while i == 3:
                            a[0] += 1.0
        """,
    "nested regions": """
        def f(a):
            with omp("parallel num_threads(2)"):
                with omp("parallel num_threads(2)"):
                    while True:
                        a[0] += 1.0
        """,
    "walk through an array": """
        def f(a):
            a[4095] = 0.0
            while True:
                i = 0
                while a[i] > 0.5:
                    i += 1
        """,
    "walk that an if keeps inside": """
        def f(a):
            i = 0
            for k in range(10**15):
                a[i] += 1.0
                i = k % 8
        """,
    "recursion": """
        @omp(mode="native")
        def g(n: int) -> int:
            return 1 if n < 2 else g(n - 1) + g(n - 2)

        def f(a):
            return g(90)
        """,
}

PROGRAM = """
import sys
import time

import numpy as np
from omply import omp, omp_get_thread_num
{function}

@omp(mode="native")
def healthy(n):
    total = 0
    with omp("parallel for reduction(+: total)"):
        for i in range(n):
            total += i
    with omp("parallel num_threads(4)"):
        with omp("critical"):
            total += 0
    return total

assert healthy(100) == 4950
native = omp(mode="native")(f)
print("ready", flush=True)
try:
    native(np.ones(4096))
except KeyboardInterrupt:
    print("stopped", time.time(), flush=True)
assert healthy(100) == 4950
print("healthy", flush=True)
"""


@pytest.mark.parametrize("name", LOOPS)
def test_interrupt(tmp_path, name):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM.format(function=textwrap.dedent(LOOPS[name])))
    process = subprocess.Popen(
        [sys.executable, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
        time.sleep(1.0)  # compiling takes a part of it
        sent = time.time()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    stopped, healthy = output.splitlines()
    assert healthy == "healthy", errors
    # Busy machines schedule late; an uninterrupted loop would never end.
    assert float(stopped.split()[1]) - sent < 0.5
