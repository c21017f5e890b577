"""The `omply` command."""

import subprocess
import sys

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
