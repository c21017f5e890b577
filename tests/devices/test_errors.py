"""What a user is told when a region cannot run on a device, and what regions are called."""

import os
import re
import subprocess
import sys

import pytest

PROGRAM = """
import numpy as np
from omply import omp

@omp(mode="native")
def add(x):
    with omp("target map(tofrom: x)"):
        with omp("parallel num_threads(4)"):
            t = omp_get_wtime()
            x[0] = t


from omply import omp_get_wtime

try:
    add(np.zeros(4))
except RuntimeError as error:
    print(type(error).__name__)
    print(error)
"""

RUNS = """
import numpy as np
from omply import omp

@omp(mode="native")
def add(x):
    with omp("target teams distribute parallel for map(tofrom: x)"):
        for i in range(len(x)):
            x[i] += 1.0

add(np.zeros(4))
"""


def run_on_opencl(tmp_path, text, **environment):
    if "OMPLY_OPENCL_LIBRARY" not in os.environ:
        pytest.skip("an OpenCL driver is named by OMPLY_OPENCL_LIBRARY")
    program = tmp_path / "program.py"
    program.write_text(text)
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "OMPLY_DEVICES": "opencl", **environment},
    )
    assert done.returncode == 0, done.stderr
    return done


def test_what_a_device_does_not_run_is_shown_with_its_line_and_its_region(tmp_path):
    kind, text = run_on_opencl(tmp_path, PROGRAM).stdout.split("\n", 1)
    assert kind == "OmplyDeviceError"
    assert text.startswith("target region add:7: device 0")
    assert (
        text.replace(f"{tmp_path}{os.sep}", "")
        .rstrip()
        .endswith(
            "error[OMP0603]: not supported on devices yet: the routine omp_get_wtime\n"
            " --> program.py:9:13\n"
            "  |\n"
            "9 |             t = omp_get_wtime()\n"
            "  |             ^^^^^^^^^^^^^^^^^^^"
        )
    )


def test_a_region_is_called_by_its_function_and_line(tmp_path):
    trace = run_on_opencl(tmp_path, RUNS, OMPLY_TRACE="true").stderr
    assert "kernel add:7 loaded" in trace
    assert "kernel add:7: 1 teams" in trace
    assert re.search(r"kernel add:7: \d+\.\d+ us on the device", trace)
