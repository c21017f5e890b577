"""Debuggers, coverage and warnings see the user's own lines."""

import subprocess
import sys
import textwrap

import pytest

PROGRAM = textwrap.dedent(
    '''\
    from omply import omp

    @omp(mode="python")
    def summed(n):
        """A docstring."""
        s = 0
        with omp("parallel for reduction(+: s) num_threads(2)"):
            for i in range(n):
                if i < 0:
                    s += 1000
                s += i
        with omp("parallel num_threads(2)"):
            with omp("single"):
                t = 2
            with omp("for collapse(2)"):
                for i in range(2):
                    for j in range(2):
                        u = i + j
        return s

    print(summed(10))
    '''
)


def test_line_numbers_of_the_code_are_the_files():
    import linecache

    from omply import omp

    linecache.cache["<debug>"] = (len(PROGRAM), None, PROGRAM.splitlines(True), "<debug>")
    scope = {}
    exec(compile(PROGRAM.replace("print(summed(10))", ""), "<debug>", "exec"), scope)
    function = scope["summed"]

    def lines(code):
        found = {line for _, _, line in code.co_lines() if line is not None}
        for constant in code.co_consts:
            if hasattr(constant, "co_lines"):
                found |= lines(constant)
        return found

    assert function.__code__.co_firstlineno == 3
    original = lines(function.__wrapped__.__code__)
    assert lines(function.__code__) <= original
    assert original - lines(function.__code__) <= {3, 4}
    assert omp is not None


def test_pdb_stops_inside_of_a_region(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    commands = "break 11\ncontinue\np i\np s\nwhere\nclear\ncontinue\nquit\n"
    if sys.version_info >= (3, 12):
        commands = commands.replace("clear\n", "clear 1\n")
    else:
        commands = commands.replace("clear\n", "clear 1\n")
    run = subprocess.run(
        [sys.executable, "-m", "pdb", str(path)], input=commands, capture_output=True, text=True, timeout=60
    )
    assert f"{path}(11)" in run.stdout, run.stdout + run.stderr
    assert "-> s += i" in run.stdout
    assert "(Pdb) 0" in run.stdout
    assert f"{path}(7)summed()" in run.stdout
    assert "45" in run.stdout


def test_coverage_counts_the_users_lines(tmp_path):
    pytest.importorskip("coverage")
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    script = (
        "import coverage, runpy\n"
        f"c = coverage.Coverage(data_file=None, include=[{str(path)!r}], config_file=False)\n"
        f"c.start(); runpy.run_path({str(path)!r}); c.stop()\n"
        f"print(c.analysis({str(path)!r})[2])\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert run.stdout.splitlines()[-1] == "[10]", run.stdout + run.stderr


def test_a_frame_in_a_region_knows_its_function(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(
        textwrap.dedent(
            """\
            import sys
            from omply import omp

            @omp(mode="python")
            def f():
                with omp("parallel num_threads(1)"):
                    code = sys._getframe().f_code
                    print(code.co_qualname, code.co_firstlineno, sys._getframe().f_lineno)
            f()
            """
        )
    )
    run = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, timeout=60)
    assert run.stdout == "f.<locals>.<omp parallel> 6 8\n", run.stderr
