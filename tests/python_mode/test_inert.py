"""Directives that no decorator has activated, and the serial mode."""

import warnings

import pytest
from omply import OmplyRuntimeError, OmplyWarning, omp


def undecorated(n):
    s = 0
    with omp("parallel for reduction(+: s)"):
        for i in range(n):
            s += i
    omp("barrier")
    return s


def test_undecorated_function_runs_serially_and_warns_once_per_place():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert undecorated(10) == 45
        assert undecorated(10) == 45
    assert [w.category for w in seen] == [OmplyWarning, OmplyWarning]
    assert [w.lineno - undecorated.__code__.co_firstlineno for w in seen] == [2, 5]
    assert "`undecorated` is not decorated with @omp" in str(seen[0].message)


@omp(mode="python")
def calls(function):
    with omp("parallel num_threads(2)"):
        function(1)


def test_inside_of_a_region_it_is_an_error():
    with pytest.raises(OmplyRuntimeError, match="`undecorated` is not decorated"):
        calls(undecorated)


def test_serial_mode_does_not_warn():
    def inner(n):
        s = 0
        with omp("parallel for reduction(+: s)"):
            for i in range(n):
                s += i
        return s

    function = omp(mode="serial")(inner)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert function(10) == 45


def test_environment_makes_every_function_serial(run_program):
    run = run_program(
        """
from omply import omp, omp_get_num_threads

@omp(mode="python")
def f():
    out = []
    with omp("parallel num_threads(4)"):
        out.append(omp_get_num_threads())
    return out

print(f())
""",
        OMPLY_MODE="serial",
    )
    assert run.stdout == "[1]\n"
    assert run.stderr == ""


def test_wrong_mode_in_the_environment_is_an_error(run_program):
    run = run_program("import omply", OMPLY_MODE="paralel")
    assert "OMPLY_MODE is one of auto, native, python, serial, not 'paralel'" in run.stderr


def test_declarations_do_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        @omp("declare_simd uniform(n)")
        def f(n):
            return n

    assert f(3) == 3
