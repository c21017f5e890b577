"""The `omply` command."""

import subprocess
import sys

import pytest
from omply import _core

PROGRAM = """
from omply import omp

@omp
def f(a, n):
    s = 0.0
    with omp("parallel for reduction(+: s) private(t)"):
        for i in range(n):
            t = a[i]
            s += t
    t = 1
    return s + t

@omp
def wrong(n):
    omp("bariere")

def plain(n):
    return n
"""


def omply(*arguments):
    return subprocess.run([sys.executable, "-m", "omply", *arguments], capture_output=True, text=True)


def rows(text):
    return [" ".join(line.split()) for line in text.splitlines()]


def test_explain_lists_what_each_directive_does_with_each_variable(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    run = omply("explain", f"{path}:f")
    assert run.returncode == 0, run.stderr
    found = rows(run.stdout)
    assert found[0] == f"{path}:5: f"
    assert found[1] == "line 7: parallel for"
    assert "a shared implicit on parallel" in found
    assert "t private explicit on for" in found
    assert any(row.startswith("s reduction(+) explicit") for row in found)


def test_explain_tells_of_each_variable_once_how_it_comes_to_a_device(tmp_path):
    path = tmp_path / "program.py"
    path.write_text("""
from omply import omp

@omp
def f(a, b, x):
    with omp("target map(to: b)"):
        a[0] = b[0] + x
""")
    found = rows(omply("explain", f"{path}:f").stdout)
    assert [row for row in found if " on target" in row] == [
        "b map(to) explicit on target",
        "a map(tofrom) or copied implicit on target: an array is mapped, a number is copied",
        "x map(tofrom) or copied implicit on target: an array is mapped, a number is copied",
    ]


def test_explain_reports_errors_of_other_functions(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    run = omply("explain", str(path))
    assert run.returncode == 1
    assert "unknown directive" in run.stdout or "bariere" in run.stdout
    assert f"{path}:5: f" in run.stdout


def test_explain_of_a_missing_function(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    run = omply("explain", f"{path}:plain")
    assert run.returncode == 2
    assert "no function plain" in run.stderr


def test_env():
    run = omply("env")
    assert run.returncode == 0
    assert run.stdout.startswith("omply ")
    assert "OPENMP DISPLAY ENVIRONMENT BEGIN" in run.stderr


def test_wrong_use_is_told():
    run = omply("fly")
    assert run.returncode == 2
    assert run.stderr.startswith("usage: omply explain")


def test_explain_lists_clauses_of_declare_simd_without_effect(tmp_path):
    path = tmp_path / "program.py"
    path.write_text("""
from omply import omp

@omp
@omp("declare_simd uniform(a, n) linear(i: n) aligned(a: 32) linear(x: ref)")
def f(a, i, n, x):
    return a[i] * x
""")
    assert rows(omply("explain", f"{path}:f").stdout) == [
        f"{path}:6: f",
        "line 5: declare_simd",
        "no effect: linear(i: n) (line 5): only the call knows the step",
        "no effect: aligned(a: 32) (line 5): arrays know their alignment",
        "no effect: linear(x: ref) (line 5): a call passes values, which may be any",
    ]


LOOPS = """
import math
import numpy as np
from omply import omp

@omp(mode="native")
def f(a, b, n):
    with omp("simd"):
        for i in range(n):
            a[i] = math.sqrt(b[i]) / (1.0 + math.sin(b[i]) ** 2)
    with omp("parallel for simd"):
        for i in range(n):
            a[i] = b[int(a[i])]
    with omp("simd"):
        for i in range(n):
            a[i] = math.gamma(b[i])
    with omp("simd"):
        for i in range(n):
            k = i
            while k > 1:
                k //= 2
            a[i] = k
    with omp("for simd ordered"):
        for i in range(n):
            with omp("ordered simd"):
                a[0] += 1.0

a = np.ones(100)
f(a, np.ones(100), 100)
print("ran", a[0])
"""


@pytest.mark.skipif(not _core.has_native, reason="built without native mode")
def test_explain_tells_which_simd_loops_are_no_vector_code(tmp_path):
    path = tmp_path / "loops.py"
    path.write_text(LOOPS)
    run = omply("explain", "--run", str(path))
    assert run.returncode == 0, run.stderr
    ran, *found = run.stdout.replace(str(path), "loops.py").splitlines()
    assert ran.startswith("ran ")
    start = "`simd` in f(float64[::1], float64[::1], int) is no vector code:"
    early = "it may be left early, by a check that cannot wait (such as that of an index) or by an error"
    calls = "it calls a function that has no vector version (see `declare_simd`)"
    holds = "it holds another loop, or too much to decide about"
    depends = "its iterations depend on each other: it has an ordered block, or a reduction over an array"
    assert found == [
        f"loops.py:11:28: {start} {early}",
        f"loops.py:14:15: {start} {calls}",
        f"loops.py:17:15: {start} {holds}",
        f"loops.py:23:19: {start} {depends}",
    ]


@pytest.mark.skipif(not _core.has_native, reason="built without native mode")
def test_explain_says_so_when_every_loop_is_vector_code(tmp_path):
    path = tmp_path / "loops.py"
    path.write_text(LOOPS[: LOOPS.index('    with omp("parallel')] + "\nf(np.ones(9), np.ones(9), 9)\n")
    run = omply("explain", "--run", str(path))
    assert run.stdout == "every loop marked `simd` that was compiled is vector code\n"


def test_explain_of_a_missing_program(tmp_path):
    run = omply("explain", "--run", str(tmp_path / "none.py"))
    assert run.returncode == 2
    assert "none.py" in run.stderr or "no native mode" in run.stderr
