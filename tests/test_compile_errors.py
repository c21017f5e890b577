"""Wrong programs, and the reports their authors see. `OMPLY_UPDATE_SNAPSHOTS=1` writes the reports anew."""

import linecache
import os
import textwrap
from pathlib import Path

import pytest
from omply import OmplySyntaxError, omp

SNAPSHOTS = Path(__file__).parent / "snapshots"

PROGRAMS = {
    "allocate_of_a_name_that_is_no_variable": """
        def f(n):
            omp("allocate(a, n) align(64)")
            n = n + 1
    """,
    "allocate_of_what_nothing_makes_private": """
        def f(n):
            s = 0
            with omp("parallel for private(n) allocate(align(48): s)"):
                for i in range(4):
                    pass
    """,
    "misspelt_directive": """
        def f(n):
            with omp("paralel for"):
                for i in range(n):
                    pass
    """,
    "misspelt_clause": """
        def f(n):
            s = 0
            with omp("parallel for reducton(+: s)"):
                for i in range(n):
                    s += i
            return s
    """,
    "clause_of_another_directive": """
        def f(n):
            with omp("barrier nowait"):
                pass
    """,
    "unknown_name_in_clause": """
        def f(n):
            with omp("parallel private(y)"):
                n = n + 0
    """,
    "unknown_reduction_operator": """
        def f(n):
            s = 0
            with omp("parallel for reduction(/: s)"):
                for i in range(n):
                    s += i
    """,
    "variable_listed_twice": """
        def f(n):
            x = 0
            with omp("parallel shared(x) private(x)"):
                x = n
    """,
    "default_none": """
        def f(n):
            x = 0
            with omp("parallel default(none)"):
                x = n
            return x
    """,
    "break_out_of_a_loop": """
        def f(n):
            with omp("parallel for"):
                for i in range(n):
                    if i > 3:
                        break
    """,
    "return_out_of_a_region": """
        def f(n):
            with omp("parallel"):
                return n
    """,
    "yield_in_a_region": """
        def f(n):
            with omp("parallel"):
                yield n
    """,
    "await_in_a_region": """
        async def f(n):
            with omp("parallel"):
                await n
    """,
    "loop_with_else": """
        def f(n):
            with omp("parallel for"):
                for i in range(n):
                    pass
                else:
                    n = 0
    """,
    "more_than_the_loop": """
        def f(n):
            with omp("parallel for"):
                n = n + 0
                for i in range(n):
                    pass
    """,
    "while_loop": """
        def f(n):
            with omp("parallel for"):
                while n > 0:
                    pass
    """,
    "collapse_of_too_few_loops": """
        def f(n):
            with omp("parallel for collapse(2)"):
                for i in range(n):
                    n = n + 0
    """,
    "worksharing_in_worksharing": """
        def f(n):
            with omp("parallel"):
                with omp("for"):
                    for i in range(n):
                        with omp("for"):
                            for j in range(n):
                                pass
    """,
    "barrier_in_critical": """
        def f(n):
            with omp("parallel"):
                with omp("critical"):
                    omp("barrier")
    """,
    "text_is_not_a_literal": """
        def f(n):
            text = "parallel"
            with omp(text):
                pass
    """,
    "atomic_of_two_updates": """
        def f(n):
            x = 0
            with omp("atomic"):
                x += 1
                n += 1
    """,
    "not_supported_yet": """
        def f(n):
            with omp("taskloop"):
                for i in range(n):
                    omp("task_iteration")
    """,
    "hints_that_contradict": """
        def f(n):
            with omp("critical(x) hint(omp_sync_hint_contended | omp_sync_hint_uncontended)"):
                n += 1
    """,
    "hint_without_a_name": """
        def f(n):
            with omp("critical hint(2)"):
                n += 1
    """,
    "single_in_teams": """
        def f(n):
            with omp("teams"):
                with omp("single"):
                    n += 1
    """,
    "dispatch_of_two_calls": """
        def f(n):
            with omp("dispatch"):
                abs(n)
                abs(n)
    """,
    "dispatch_without_a_call": """
        def f(n):
            with omp("dispatch nowait"):
                n = n + 1
    """,
    "error_directive": """
        def f(n):
            if n > 0:
                omp("error message('this function is not ready')")
    """,
    "error_without_a_text": """
        def f(n):
            omp("error message(n)")
    """,
    "requires_in_a_function": """
        def f(n):
            omp("requires dynamic_allocators")
            return n
    """,
    "requirement_that_cannot_be_met": """
        omp("requires reverse_offload")

        def f(n):
            omp("barrier")
    """,
    "assumption_in_the_middle": """
        def f(n):
            n += 1
            omp("assumes no_openmp")
    """,
    "end_of_a_block": """
        def f(n):
            with omp("begin metadirective when(user={condition(n > 3)}: parallel)"):
                n = n + 0
            omp("end metadirective")
    """,
    "metadirective_without_a_block": """
        def f(n):
            omp("begin metadirective when(user={condition(n > 3)}: parallel)")
    """,
    "chosen_directive_without_a_block": """
        def f(n):
            omp("metadirective when(user={condition(n > 3)}: parallel)")
    """,
    "unknown_trait": """
        def f(n):
            with omp("metadirective when(device={knd(host)}: parallel) when(device={kind(gpus)}: parallel)"):
                n = n + 0
    """,
    "score_of_a_construct": """
        def f(n):
            with omp("metadirective when(construct={parallel(score(3): 1)}, user={condition(a, b)}: parallel)"):
                n = n + 0
    """,
    "set_of_traits_twice": """
        def f(n):
            with omp("metadirective when(user={condition(n)}, user={condition(n > 1)}: parallel)"):
                n = n + 0
    """,
    "when_after_otherwise": """
        def f(n):
            with omp("metadirective otherwise(parallel) when(user={condition(n)}: nothing)"):
                n = n + 0
    """,
    "several_errors": """
        def f(n):
            s = 0
            with omp("parallel for reduction(+ s) shedule(static)"):
                for i in range(n):
                    s += i
            omp("bariere")
            return s
    """,
}


def report(name, text):
    text = "from omply import omp\n" + textwrap.dedent(text)
    filename = f"<{name}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    scope = {}
    exec(compile(text, filename, "exec"), scope)
    with pytest.raises(OmplySyntaxError) as caught:
        omp(mode="python")(scope["f"])
    error = caught.value
    assert (error.filename, error.code[:3]) == (filename, "OMP")
    assert error.text == text.splitlines(True)[error.lineno - 1]
    assert error.offset >= 1
    return error.msg + "\n"


@pytest.mark.parametrize("name", PROGRAMS)
def test_report(name):
    found = report(name, PROGRAMS[name])
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("OMPLY_UPDATE_SNAPSHOTS"):
        path.write_text(found)
    assert found == path.read_text()


def test_every_snapshot_has_its_program():
    assert {path.stem for path in SNAPSHOTS.glob("*.txt")} == set(PROGRAMS)


def test_an_uncaught_report_is_readable(run_program):
    run = run_program('from omply import omp\n\n@omp\ndef f():\n    omp("bariere")\n')
    assert "OmplySyntaxError: error[OMP" in run.stderr
    assert "did you mean `barrier`" in run.stderr
    assert "panicked" not in run.stderr


def test_a_decorating_directive_is_told_of_although_the_function_has_none_itself():
    with pytest.raises(OmplySyntaxError, match="`m` is no parameter of `leaf`"):

        @omp
        @omp("declare_simd uniform(m)")
        def leaf(x, n):
            return x * n
