"""The object cache: warm starts, what makes an entry another one, damage, concurrent processes, places without one."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import sys
import numpy as np
from omply import omp

SCALE = {scale}

@omp(mode="native")
def helper(x):
    return x {operator} 2

@omp(mode="native"{options})
def f(a, n):
    s = 0.0
    with omp("parallel for reduction(+: s)"):
        for i in range(n):
            s += helper(a[i]) * SCALE
    return s

print(f(np.arange(10.0), 10))
try:
    f(np.arange(10.0), 11)
except IndexError as error:
    import traceback
    print(error, traceback.extract_tb(error.__traceback__)[-1].lineno)
"""
EXPECTED = "270.0\nindex 10 is out of bounds for axis 0 with size 10 17\n"


def text(scale="3", operator="*", options=""):
    return PROGRAM.format(scale=scale, operator=operator, options=options)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def run(run_program, cache):
    def run(program=None, **variables):
        result = run_program(program or text(), **{"OMPLY_CACHE_DIR": cache, **variables})
        assert result.returncode == 0, result.stderr
        return result.stdout

    return run


def entries(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_second_process_adds_nothing(run, cache):
    assert run() == EXPECTED
    first = entries(cache)
    assert first
    before = [(path, path.stat().st_mtime_ns, path.read_bytes()) for path in first]
    assert run() == EXPECTED
    assert [path for path, *_ in before] == entries(cache)
    assert [content for *_, content in before] == [path.read_bytes() for path in entries(cache)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"scale": "4"}, "360.0"),
        ({"operator": "+"}, "195.0"),
        ({"options": ", bounds_check=True, contract=False"}, "270.0"),
        ({"scale": "3.0"}, "270.0"),
    ],
)
def test_changes_make_another_entry(run, cache, change, expected):
    assert run() == EXPECTED
    assert run(text(**change)).startswith(expected)
    assert len(entries(cache)) == 2
    assert run() == EXPECTED
    assert len(entries(cache)) == 2


def test_lines_that_move_are_seen_in_tracebacks(run):
    assert run() == EXPECTED
    assert run("\n\n" + text()) == EXPECTED.replace(" 17\n", " 19\n")


def damage_truncated(content):
    return content[: len(content) // 2]


def damage_empty(content):
    return b""


def damage_flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0x55]) + content[middle + 1 :]


def damage_header(content):
    return b"garbage!" + content[8:]


def damage_last(content):
    return content[:-1] + bytes([content[-1] ^ 1])


def damage_longer(content):
    return content + b"\0" * 64


@pytest.mark.parametrize(
    "damage", [damage_truncated, damage_empty, damage_flipped, damage_header, damage_last, damage_longer]
)
def test_damaged_entries_are_made_again(run, cache, damage):
    run()
    [entry] = entries(cache)
    sound = entry.read_bytes()
    entry.write_bytes(damage(sound))
    assert run() == EXPECTED
    [entry] = entries(cache)
    assert len(entry.read_bytes()) > len(sound) // 2
    assert entry.read_bytes() != damage(sound)


def test_a_folder_in_place_of_an_entry(run, cache):
    run()
    [entry] = entries(cache)
    entry.unlink()
    entry.mkdir()
    assert run() == EXPECTED


def test_processes_at_once(tmp_path, cache):
    program = tmp_path / "program.py"
    program.write_text(text())
    environment = {**os.environ, "OMPLY_CACHE_DIR": str(cache)}
    processes = [
        subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(6)
    ]
    assert [process.communicate(timeout=100)[0] for process in processes] == [EXPECTED] * 6
    assert len(entries(cache)) == 1


def test_no_cache_on_request(run, cache):
    assert run(OMPLY_CACHE="0") == EXPECTED
    assert not cache.exists() or not entries(cache)


def test_a_home_that_is_missing_or_not_writable(run, tmp_path):
    missing = tmp_path / "nowhere" / "at" / "all"
    assert run(OMPLY_CACHE_DIR=None, XDG_CACHE_HOME=None, HOME=missing) == EXPECTED
    assert run(OMPLY_CACHE_DIR=None, XDG_CACHE_HOME=None, HOME=None) == EXPECTED
    assert run(OMPLY_CACHE_DIR="/proc/nothing/here") == EXPECTED
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    assert run(OMPLY_CACHE_DIR=blocked) == EXPECTED
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0o500)
    assert run(OMPLY_CACHE_DIR=locked / "cache") == EXPECTED


def test_the_home_is_used_by_default(run, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    assert run(OMPLY_CACHE_DIR=None, XDG_CACHE_HOME=None, HOME=home) == EXPECTED
    assert entries(home / ".cache" / "omply")
    assert run(OMPLY_CACHE_DIR=None, XDG_CACHE_HOME=home / "xdg") == EXPECTED
    assert entries(home / "xdg" / "omply")


def test_exception_classes_come_from_their_module(run, tmp_path):
    program = """
import sys
from omply import omp
from {module} import {name} as Problem

@omp(mode="native")
def f(n):
    if n > 0:
        raise Problem("told")

try:
    f(1)
except Exception as error:
    print(type(error).__module__, type(error).__name__, error)
"""
    for _ in range(2):
        one = run(program.format(module="builtins", name="ValueError"))
        two = run(program.format(module="shutil", name="Error"))
        three = run(program.format(module="binascii", name="Error"))
        assert (one, two, three) == (
            "builtins ValueError told\n",
            "shutil Error told\n",
            "binascii Error told\n",
        )
