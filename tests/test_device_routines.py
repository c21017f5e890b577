"""The omp_* routines about devices and their memory, and `omply devices`, without devices and with one that is the host with memory
of its own: the same program in processes with different settings."""

import os
import subprocess
import sys

import pytest

PROGRAM = r"""
import sys
import numpy as np
from omply import *

count = int(sys.argv[1])
assert omp_get_num_devices() == count == omp_get_initial_device() == omp_get_device_num()
assert omp_is_initial_device()
device, host = 0, omp_initial_device

# Memory, copies, and a fill.
block = omp_target_alloc(64, device)
assert block
data = np.arange(8.0)
back = np.zeros(8)
assert omp_target_memcpy(block, data, 64, 0, 0, device, host) == 0
assert omp_target_memcpy(back, block, 32, 32, 0, host, device) == 0
assert back.tolist() == [0, 0, 0, 0, 0, 1, 2, 3]
assert omp_target_memset(block, 0, 16, device) == block


@omp(mode="python")
def copied():
    with omp("taskgroup"):
        assert omp_target_memcpy_async(back, block, 64, 0, 0, host, device) == 0


copied()
assert back.tolist() == [0, 0, 2, 3, 4, 5, 6, 7]
assert omp_target_memcpy(bytearray(8), block, 8, 0, 0, host, 77) != 0

# A block of a matrix.
matrix = np.arange(12.0).reshape(3, 4)
part = np.zeros((2, 2))
assert omp_target_memcpy_rect(block, matrix, 8, [2, 2], [0, 0], [1, 1], [2, 2], [3, 4], device, host) == 0
assert omp_target_memcpy_rect(part, block, 8, [2, 2], [0, 0], [0, 0], [2, 2], [2, 2], host, device) == 0
assert part.tolist() == [[5, 6], [9, 10]]

# What an array does not hold is not copied.
for call in (
    lambda: omp_target_memcpy(block, data, 65, 0, 0, device, host),
    lambda: omp_target_memcpy(back, block, 32, 40, 0, host, device),
    lambda: omp_target_memcpy_rect(part, block, 8, [2], [0], [0], [5], [5], host, device),
    lambda: omp_target_memcpy_rect(part, block, 8, [2, 1], [0], [0], [5], [5], host, device),
):
    try:
        call()
    except ValueError:
        pass
    else:
        raise AssertionError("no error")
try:
    omp_target_memcpy(block, "text", 1, 0, 0, device, host)
except TypeError as error:
    assert str(error) == "memory is named by an address (an int) or by an array, not by str"

# Presence.
assert omp_target_is_present(data, device) == (count == 0)
assert omp_target_is_accessible(data, 64, device) == (count == 0)
if count:
    assert omp_get_mapped_ptr(data, device) == 0
    assert omp_target_associate_ptr(data, block, 64, 0, device) == 0
    assert omp_target_is_present(data, device)
    assert omp_get_mapped_ptr(data[2:], device) == block + 16
    assert omp_target_disassociate_ptr(data, device) == 0
    assert not omp_target_is_present(data, device)
assert omp_get_mapped_ptr(data, host) == data.ctypes.data
omp_target_free(block, device)
assert omp_target_alloc(8, 77) == 0

# Names and limits.
assert omp_get_uid_from_device(host) == "host" and omp_get_device_from_uid("host") == count
assert omp_get_uid_from_device(77) is None and omp_get_device_from_uid("?") == omp_invalid_device
assert omp_get_device_from_uid(omp_get_uid_from_device(device)) == device
assert omp_get_max_progress_width(device) == 1 and omp_get_max_progress_width(77) == 0
omp_set_device_num_teams(3, device)
omp_set_device_teams_thread_limit(2, device)
assert (omp_get_device_num_teams(device), omp_get_device_teams_thread_limit(device)) == (3, 2)
assert omp_pause_resource(omp_pause_soft, device) == 0
assert omp_pause_resource(omp_pause_soft, 77) != 0
print("done")
"""


def run(arguments, devices, **environment):
    environment = {**os.environ, "OMPLY_DEVICES": devices, **environment}
    result = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=60
    )
    return result.returncode, result.stdout, result.stderr


@pytest.mark.parametrize(("devices", "count"), [("none", 0), ("host-separate", 1)])
def test_memory_routines(devices, count, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    assert run([str(program), str(count)], devices) == (0, "done\n", "")


def test_the_command_lists_devices_and_what_is_missing():
    code, output, errors = run(["-m", "omply", "devices"], "host-separate,abacus")
    assert (code, errors) == (0, "")
    lines = output.splitlines()
    assert lines[0] == "device 0: the host with separate memory (default)"
    assert "uid(host-separate-0)" in lines[2] and "kind(nohost) kind(cpu)" in lines[2]
    assert lines[4:] == [
        "device 1: the host",
        "no devices from abacus: there is no such plugin; there are: cuda, hip, opencl, host-separate",
    ]


@pytest.mark.parametrize(
    ("choice", "default"),
    [
        ("1", 1),
        ("kind(gpu),initial", -1),
        ("kind(gpu),vendor(omply)&&kind(nohost)", 0),
        ("uid(host-separate-0)", 0),
        ("kind(host)", 1),
        ("kind(gpu)", -2),
    ],
)
def test_the_default_device_is_chosen_by_traits(choice, default):
    code = "from omply import omp_get_default_device; print(omp_get_default_device())"
    assert run(["-c", code], "host-separate", OMP_DEFAULT_DEVICE=choice) == (0, f"{default}\n", "")


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        ({}, 1),
        ({"OMP_AVAILABLE_DEVICES": "kind(gpu)"}, 0),
        ({"OMP_AVAILABLE_DEVICES": "kind(gpu),*"}, 1),
        ({"OMP_TARGET_OFFLOAD": "disabled"}, 0),
    ],
)
def test_settings_choose_the_devices(settings, count):
    code = "from omply import omp_get_num_devices; print(omp_get_num_devices())"
    assert run(["-c", code], "host-separate", **settings) == (0, f"{count}\n", "")


REGION = """
import numpy as np
from omply import omp


@omp(mode="native")
def twice(a):
    with omp("target teams distribute parallel for map(tofrom: a)"):
        for i in range(len(a)):
            a[i] *= 2.0


a = np.ones(3)
twice(a)
assert a.tolist() == [2, 2, 2]
"""


def test_trace_shows_maps_copies_and_kernels(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(REGION)
    code, output, errors = run([str(program)], "host-separate", OMPLY_TRACE="true")
    assert (code, output) == (0, "")
    lines = [line.removeprefix("omply: device 0: ") for line in errors.splitlines()]
    assert lines[0].startswith("map a: 24 bytes at 0x") and lines[0].endswith(", allocated, count 1")
    assert lines[1] == "copy a: 24 bytes to the device"
    assert lines[2].startswith("kernel twice") and lines[2].endswith("on the host's processors")
    assert lines[3] == "copy a: 24 bytes from the device"
    assert lines[4].startswith("map a: 24 bytes at 0x") and lines[4].endswith(", freed")


def test_mandatory_offload_without_a_device_is_an_error(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(REGION)
    code, _, errors = run([str(program)], "abacus", OMP_TARGET_OFFLOAD="mandatory")
    assert code == 1
    assert "OMP_TARGET_OFFLOAD=mandatory, but there is no device (abacus: there is no such plugin" in errors
