"""What surrounds a kernel: importing, the first call, the cost of a call, python mode. Each in fresh processes.

Times of the clock are what is promised; beside them stands the calling thread's processor time, which a busy machine does
not lengthen.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile

RUNS = 10

IMPORT = """
import json, time
import numpy
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
before, start, cpu = resident(), time.perf_counter(), time.thread_time()
import omply
cpu, elapsed = time.thread_time() - cpu, time.perf_counter() - start
print(json.dumps({"ms": elapsed * 1e3, "cpu": cpu * 1e3, "bytes": resident() - before}))
"""

FIRST_CALL = """
import json, time
import numpy
from omply import omp
start, cpu = time.perf_counter(), time.thread_time()
@omp(mode="native")
def pi(n):
    w = 1.0 / n
    s = 0.0
    with omp("parallel for reduction(+: s)"):
        for i in range(n):
            x = (i + 0.5) * w
            s += 4.0 / (1.0 + x * x)
    return s * w
result = pi(1)
cpu, elapsed = time.thread_time() - cpu, time.perf_counter() - start
assert abs(result - 3.2) < 1e-12
print(json.dumps({"ms": elapsed * 1e3, "cpu": cpu * 1e3}))
"""

CALL = """
import json, time
import numpy
from omply import omp
@omp(mode="native")
def scalar(x):
    return x
@omp(mode="native")
def arrays(a, b, c):
    return 0
a = numpy.zeros(8)
# Written out for each: a call through `*arguments` would be measured along.
def scalar_cost(n=200_000):
    start, cpu = time.perf_counter_ns(), time.thread_time_ns()
    for _ in range(n):
        scalar(1)
    return (time.perf_counter_ns() - start) / n, (time.thread_time_ns() - cpu) / n
def arrays_cost(n=200_000):
    start, cpu = time.perf_counter_ns(), time.thread_time_ns()
    for _ in range(n):
        arrays(a, a, a)
    return (time.perf_counter_ns() - start) / n, (time.thread_time_ns() - cpu) / n
scalar_cost(1000), arrays_cost(1000)
samples = [scalar_cost() + arrays_cost() for _ in range(7)]
best = [min(column) for column in zip(*samples)]
print(json.dumps(dict(zip(("scalar", "scalar cpu", "arrays", "arrays cpu"), best))))
"""

PYTHON_MODE = """
import json, time
from omply import omp
def plain(n):
    w = 1.0 / n
    s = 0.0
    for i in range(n):
        x = (i + 0.5) * w
        s += 4.0 / (1.0 + x * x)
    return s * w
@omp(mode="python")
def parallel(n):
    w = 1.0 / n
    s = 0.0
    with omp("parallel for reduction(+: s)"):
        for i in range(n):
            x = (i + 0.5) * w
            s += 4.0 / (1.0 + x * x)
    return s * w
def timed(function):
    start = time.perf_counter()
    result = function(2_000_000)
    elapsed = time.perf_counter() - start
    assert abs(result - 3.141592653589793) < 1e-9
    return elapsed
timed(parallel)
print(json.dumps({"ratio": [timed(parallel) / timed(plain) for _ in range(3)]}))
"""


def fresh(program, **environment):
    """Runs a program given as text from a file of its own (its functions' source must be readable) in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "measured.py")
        with open(path, "w") as file:
            file.write(program)
        run = subprocess.run(
            [sys.executable, path], capture_output=True, text=True, env={**os.environ, **environment}
        )
    if run.returncode != 0:
        raise RuntimeError(run.stderr.strip().split("\n")[-1])
    return json.loads(run.stdout)


def spread(runs, key):
    values = [run[key] for run in runs]
    return min(values), statistics.median(values), max(values)


def first_calls(cache=None):
    """Processes that compile or load pi: with an empty cache each, or all with the one given."""
    runs = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as empty:
            runs.append(fresh(FIRST_CALL, OMPLY_CACHE_DIR=cache or empty))
    return runs


def measure():
    """Yields (what, unit, (min, median, max), median of processor time or None, limit) for each measure once known."""
    fresh(IMPORT)  # fills the page cache and writes byte code
    runs = [fresh(IMPORT) for _ in range(RUNS)]
    yield "import after numpy", "ms", spread(runs, "ms"), spread(runs, "cpu")[1], 30
    runs = [{"MB": run["bytes"] / 1e6} for run in runs]
    yield "resident memory above numpy", "MB", spread(runs, "MB"), None, 60

    runs = first_calls()
    yield "first call of pi, cold cache", "ms", spread(runs, "ms"), spread(runs, "cpu")[1], 60
    with tempfile.TemporaryDirectory() as cache:
        fresh(FIRST_CALL, OMPLY_CACHE_DIR=cache)
        runs = first_calls(cache)
    yield "first call of pi, warm cache", "ms", spread(runs, "ms"), spread(runs, "cpu")[1], 10

    runs = [fresh(CALL) for _ in range(RUNS)]
    for key, what, limit in (("scalar", "one scalar", 150), ("arrays", "three arrays", 400)):
        yield f"call of a no-op, {what}", "ns", spread(runs, key), spread(runs, f"{key} cpu")[1], limit

    runs = [{"x": ratio} for _ in range(4) for ratio in fresh(PYTHON_MODE, OMP_NUM_THREADS="1")["ratio"]]
    yield "python mode, pi, one thread, over the plain loop", "x", spread(runs, "x"), None, 1.1
