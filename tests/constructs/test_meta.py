"""`metadirective`, `nothing`, `assume`, `error` and `requires`, in every mode."""

import warnings

import pytest
from omply import OmplySyntaxError, OmplyWarning, omp, omp_get_num_threads, omp_in_parallel


def by_a_condition_that_the_program_knows(n, threshold):
    s = 0
    inside = False
    with omp("metadirective when(user={condition(n > threshold)}: parallel) otherwise(nothing)"):
        with omp("single"):
            inside = omp_in_parallel()
        with omp("for reduction(+: s)"):
            for i in range(n):
                doubled = 2 * i
                s += doubled
    return s, inside


def test_a_condition_decides_while_the_program_runs(program):
    assert program(by_a_condition_that_the_program_knows, 100, 1000) == (9900, False)
    s, inside = program(by_a_condition_that_the_program_knows, 100, 10)
    assert (s, inside) == (9900, program.mode != "serial" and program.threads > 1)


def three_ways(n):
    s = 0
    with omp(
        "metadirective when(user={condition(n > 100)}: parallel for reduction(+: s))"
        " when(user={condition(score(5): n > 10)}: parallel for reduction(+: s) schedule(dynamic))"
        " otherwise(simd reduction(+: s))"
    ):
        for i in range(n):
            s += i
    return s


def test_several_conditions_are_tried_by_score(program):
    assert [program(three_ways, n) for n in (5, 50, 500)] == [10, 1225, 124750]


def two_conditions_at_once(a, b):
    team = 0
    with omp("metadirective when(user={condition(a), condition(b)}: parallel)"):
        with omp("masked"):
            team = omp_get_num_threads()
    return team


def test_all_conditions_of_a_selector_must_hold(team):
    assert team(two_conditions_at_once, True, False) == 1
    assert team(two_conditions_at_once, True, True) == team.threads


def for_the_host(n):
    s = 0
    with omp(
        "metadirective when(device={kind(nohost)}: single) when(implementation={vendor(gnu)}: single)"
        " when(device={kind(host)}: parallel for reduction(+: s)) otherwise(error message('never'))"
    ):
        for i in range(n):
            s += i
    return s


def test_traits_of_device_and_implementation_decide_at_decoration(program):
    assert program(for_the_host, 100) == 4950


def inside_of_what(n):
    team = 0
    with omp("parallel num_threads(3)"):
        with omp("metadirective when(construct={parallel}: for reduction(+: team)) otherwise(parallel for)"):
            for _ in range(n):
                team += 1
    return team


def test_the_constructs_around_decide(team):
    assert team(inside_of_what, 10) == 10


def in_one_block(n):
    s = 0
    with omp("begin metadirective when(user={condition(n > 3)}: parallel) otherwise(nothing)"):
        with omp("for reduction(+: s)"):
            for i in range(n):
                s += i
    return s


def test_begin_metadirective_is_a_block(program):
    assert [program(in_one_block, n) for n in (2, 10)] == [1, 45]


def choices_in_choices(n, a, b):
    s = 0
    with omp("metadirective when(user={condition(a)}: parallel)"):
        with omp(
            "metadirective when(user={condition(b)}: for reduction(+: s) schedule(dynamic))"
            " otherwise(for reduction(+: s))"
        ):
            for i in range(n):
                s += i
    return s


@pytest.mark.parametrize("a", [False, True])
@pytest.mark.parametrize("b", [False, True])
def test_choices_nest(program, a, b):
    assert program(choices_in_choices, 20, a, b) == 190


def stand_alone(n, wait):
    s = 0
    with omp("parallel reduction(+: s)"):
        omp("metadirective when(user={condition(wait)}: barrier)")
        s += n
    return s


@pytest.mark.parametrize("wait", [False, True])
def test_a_directive_that_stands_alone_is_chosen(team, wait):
    assert team(stand_alone, 2, wait) == 2 * team.threads


def every_kind(n, found):
    x = n
    with omp("parallel num_threads(2) default(firstprivate: all) shared(found)"):
        x += 1
        with omp("critical"):
            found[0] += x
    return x


def test_default_for_all_kinds_of_variables(team):
    import numpy as np

    found = np.zeros(1, dtype=np.int64)
    assert team(every_kind, 3, found) == 3
    assert found[0] == 8


REQUIRING = """
from omply import omp

omp("requires atomic_default_mem_order(seq_cst) dynamic_allocators")

@omp(mode={mode!r})
def f(n):
    x = 0
    with omp("metadirective when(implementation={{atomic_default_mem_order(seq_cst)}}: parallel for)"):
        for i in range(n):
            with omp("atomic"):
                x += 1
    return x

print(f(100))
"""


def test_what_a_file_requires_holds_in_its_functions(mode, run_program):
    run = run_program(REQUIRING.format(mode=mode), OMP_NUM_THREADS=3)
    assert (run.stdout, run.stderr) == ("100\n", "")


def promises(n):
    omp("assumes no_openmp_routines")
    s = 0
    omp("nothing")
    with omp("parallel for reduction(+: s)"):
        for i in range(n):
            with omp("assume holds(i >= 0) no_openmp"):
                square = i * i
                s += square
    with omp("nothing"):
        s += 1
    return s


def test_promises_and_nothing_change_nothing(program):
    assert program(promises, 10) == 286


def failing(n):
    with omp("parallel"):
        if n > 3:
            omp("error at(execution) message('too many')")
    return n


def test_an_error_at_execution_is_an_exception(team):
    assert team(failing, 1) == 1
    with pytest.raises(RuntimeError, match="too many"):
        team(failing, 4)


def warning(n):
    if n > 3:
        omp("error at(execution) severity(warning) message('rather many')")
    return n


def test_a_warning_at_execution_goes_on_in_python_mode():
    with pytest.warns(OmplyWarning, match="rather many") as caught:
        assert omp(mode="python")(warning)(4) == 4
    assert caught[0].filename == __file__


def test_a_warning_at_execution_goes_on_in_native_mode(capfd):
    assert omp(mode="native")(warning)(4) == 4
    assert "rather many" in capfd.readouterr().err


def warned_of(n):
    omp("error severity(warning) message('not a good idea')")
    return n


def test_a_warning_at_compilation_comes_with_the_decoration(mode):
    with pytest.warns(OmplyWarning, match=r"not a good idea \[OMP0321\]"):
        decorated = omp(mode=mode)(warned_of)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decorated(1) == 1


def test_an_error_that_is_not_chosen_is_not_met(program):
    def f(n):
        omp("metadirective when(device={kind(fpga)}: error message('no'))")
        return n

    assert program(f, 1) == 1


def test_an_error_at_compilation_stops_the_decoration(mode):
    def f(n):
        omp("error message('not here')")
        return n

    with pytest.raises(OmplySyntaxError, match="not here"):
        omp(mode=mode)(f)
