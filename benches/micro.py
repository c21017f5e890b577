"""What surrounds a kernel: importing, the first call, the cost of a call, python mode. Each in fresh processes."""

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
before, start = resident(), time.perf_counter()
import omply
print(json.dumps({"ms": (time.perf_counter() - start) * 1e3, "bytes": resident() - before}))
"""

FIRST_CALL = """
import json, time
import numpy
from omply import omp
start = time.perf_counter()
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
elapsed = time.perf_counter() - start
assert abs(result - 3.2) < 1e-12
print(json.dumps({"ms": elapsed * 1e3}))
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
def cost(call, *arguments, n=200_000):
    for _ in range(1000):
        call(*arguments)
    start = time.perf_counter_ns()
    for _ in range(n):
        call(*arguments)
    return (time.perf_counter_ns() - start) / n
samples = [(cost(scalar, 1), cost(arrays, a, a, a)) for _ in range(7)]
print(json.dumps({"scalar": min(s for s, _ in samples), "arrays": min(a for _, a in samples)}))
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


def summary(values):
    return min(values), statistics.median(values), max(values)


def measure():
    """Yields (what, unit, (min, median, max), limit) for each measure as it is known."""
    fresh(IMPORT)  # fills the page cache and writes byte code
    imports = [fresh(IMPORT) for _ in range(RUNS)]
    yield "import after numpy", "ms", summary([run["ms"] for run in imports]), 30
    yield "resident memory above numpy", "MB", summary([run["bytes"] / 1e6 for run in imports]), 60

    cold = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as cache:
            cold.append(fresh(FIRST_CALL, OMPLY_CACHE_DIR=cache)["ms"])
    yield "first call of pi, cold cache", "ms", summary(cold), 60
    with tempfile.TemporaryDirectory() as cache:
        fresh(FIRST_CALL, OMPLY_CACHE_DIR=cache)
        warm = [fresh(FIRST_CALL, OMPLY_CACHE_DIR=cache)["ms"] for _ in range(RUNS)]
    yield "first call of pi, warm cache", "ms", summary(warm), 10

    calls = [fresh(CALL) for _ in range(RUNS)]
    yield "call of a no-op, one scalar", "ns", summary([run["scalar"] for run in calls]), 150
    yield "call of a no-op, three arrays", "ns", summary([run["arrays"] for run in calls]), 400

    ratios = [ratio for _ in range(4) for ratio in fresh(PYTHON_MODE, OMP_NUM_THREADS="1")["ratio"]]
    yield "python mode, pi, one thread, over the plain loop", "x", summary(ratios), 1.1
