"""The programs of examples/ run as a newcomer runs them, and check their own results. Those of examples/devices run on every kind of
device in tests/devices."""

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def run_example(name, *arguments, cwd):
    run = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py"), *arguments], capture_output=True, text=True, cwd=cwd
    )
    assert run.returncode == 0, run.stderr
    assert "Warning" not in run.stderr, run.stderr
    return run.stdout


@pytest.mark.parametrize(
    "name",
    [
        "pi",
        "matmul",
        "tiles",
        "wordcount",
        "fib",
        "queens",
        "sorting",
        "tree",
        "wavefront",
        "cholesky",
        "prefix",
    ],
)
def test_example_runs_and_checks_itself(name, tmp_path):
    assert run_example(name, cwd=tmp_path)


def test_example_for_devices_runs_where_there_is_none(tmp_path):
    assert "elements of float64" in run_example("devices/saxpy", "1000", cwd=tmp_path)


def test_pi_has_its_digits(tmp_path):
    assert "3.14159265" in run_example("pi", "200000", cwd=tmp_path)


def png_size_and_rows(path):
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + body) == struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0]
        chunks[kind] = body
        at += 12 + length
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    return width, height, len(zlib.decompress(chunks[b"IDAT"]))


@pytest.mark.parametrize("name", ["mandelbrot", "heat"])
def test_example_draws_a_picture(name, tmp_path):
    run_example(name, "picture.png", cwd=tmp_path)
    width, height, size = png_size_and_rows(tmp_path / "picture.png")
    assert size == height * (1 + 3 * width)
