"""OpenMP's restrictions that can be seen before a program runs: each rule with a program that breaks it, and the code of the report."""

import linecache
import textwrap

import pytest
from omply import OmplySyntaxError, omp


def loop(directive, body="pass", before="s = 0"):
    return f"""
        def f(n, a, b):
            {before}
            with omp("{directive}"):
                for i in range(n):
                    {body}
    """


def block(directive, body="n = n + 0", before="s = 0"):
    return f"""
        def f(n, a, b):
            {before}
            with omp("{directive}"):
                {body}
    """


def nested(outer, inner, body="n = n + 0"):
    return f"""
        def f(n, a, b):
            with omp("{outer}"):
                with omp("{inner}"):
                    {body}
    """


def alone(directive, before="s = 0"):
    return f"""
        def f(n, a, b):
            {before}
            omp("{directive}")
    """


def scanned(directive):
    return loop(
        directive,
        "s += i\n                    omp('scan inclusive(s)')\n                    a[i] = s",
    )


def doacross(directive, sink):
    return loop(
        directive,
        f"omp('ordered doacross(sink: {sink})')\n                    omp('ordered doacross(source:)')",
    )


RULES = {
    # Clauses of one directive.
    "an event is in no other clause": ("OMP0111", block("task detach(s) firstprivate(s)")),
    "an item of allocate is made private": ("OMP0111", block("parallel allocate(s)")),
    "an alignment is a power of two": ("OMP0205", block("parallel private(s) allocate(align(3): s)")),
    "conditional lastprivate is not on distribute": (
        "OMP0207",
        loop("distribute lastprivate(conditional: s)", "s = i"),
    ),
    "conditional lastprivate is not on taskloop": (
        "OMP0207",
        loop("taskloop lastprivate(conditional: s)", "s = i"),
    ),
    "ref belongs to declare_simd": ("OMP0207", loop("for linear(s: ref)", "s += 1")),
    "a scan belongs to a loop": ("OMP0207", block("parallel reduction(inscan, +: s)")),
    "a scanned loop has no schedule": ("OMP0203", scanned("for reduction(inscan, +: s) schedule(static)")),
    "a scanned loop is not ordered": ("OMP0203", scanned("for reduction(inscan, +: s) ordered")),
    "all reductions of a scan are inscan": (
        "OMP0203",
        scanned("for reduction(inscan, +: s) reduction(+: b)"),
    ),
    "inscan needs a scan": ("OMP0329", loop("for reduction(inscan, +: s)", "s += i")),
    "a task reduction ends with a barrier": ("OMP0203", loop("for reduction(task, +: s) nowait", "s += i")),
    "order and ordered exclude each other": ("OMP0203", loop("for order(concurrent) ordered")),
    "bind belongs to loop": ("OMP0201", loop("for bind(parallel)")),
    "copyin belongs to parallel": ("OMP0201", loop("for copyin(s)")),
    "apply takes transformations": ("OMP0207", loop("tile sizes(2) apply(parallel)")),
    "data is not mapped from on the way in": ("OMP0207", alone("target_enter_data map(from: a)")),
    "data is not mapped to on the way out": ("OMP0207", alone("target_exit_data map(to: a)")),
    "a category has one default": (
        "OMP0202",
        block("target defaultmap(to: scalar) defaultmap(from: scalar)"),
    ),
    "a permutation has each number once": (
        "OMP0205",
        loop("interchange permutation(1, 1)", "for j in range(n):\n                        pass"),
    ),
    "a tile is not empty": ("OMP0205", loop("tile sizes(0)")),
    "partial unrolls at least once": ("OMP0205", loop("unroll partial(0)")),
    "split has one rest": ("OMP0205", loop("split counts(1, 2)")),
    "ordered covers the collapsed loops": (
        "OMP0205",
        loop("for collapse(2) ordered(1)", "for j in range(n):\n                        pass"),
    ),
    "in_reduction has the operator of its group": (
        "OMP0324",
        nested("taskgroup task_reduction(+: n)", "task in_reduction(*: n)", "n *= 2"),
    ),
    "in_reduction has a group": ("OMP0324", block("task in_reduction(+: s)", "s += 1")),
    "cancel taskgroup stands in a task": (
        "OMP0320",
        nested("parallel", "single", "omp('cancel taskgroup')"),
    ),
    "a loop with nowait is not cancelled": ("OMP0320", loop("for nowait", "omp('cancel for')")),
    "an ordered loop is not cancelled": ("OMP0320", loop("for ordered", "omp('cancel for')")),
    "a private variable is not lastprivate further in": (
        "OMP0408",
        nested("parallel private(n)", "single firstprivate(n)"),
    ),
    "no target_data in target": ("OMP0314", nested("target", "target_data map(a)")),
    "no barrier in taskloop": ("OMP0314", loop("taskloop", "omp('barrier')")),
    "no flush in simd": ("OMP0314", loop("simd", "omp('flush')")),
    "a unique clause stands once": ("OMP0202", block("parallel if(n) if(a)")),
    "an item has one data-sharing clause": ("OMP0206", block("parallel private(s) firstprivate(s)")),
    "an item is listed once in a clause": ("OMP0208", block("parallel private(s, s)")),
    "num_threads is positive": ("OMP0205", block("parallel num_threads(0)")),
    "collapse is positive": ("OMP0205", loop("for collapse(0)")),
    "a chunk size is positive": ("OMP0205", loop("for schedule(static, 0)")),
    "schedule(auto) has no chunk size": ("OMP0205", loop("for schedule(auto, 4)")),
    "schedule(runtime) has no chunk size": ("OMP0205", loop("for schedule(runtime, 4)")),
    "nonmonotonic and ordered exclude each other": (
        "OMP0207",
        loop("for schedule(nonmonotonic: dynamic) ordered"),
    ),
    "monotonic and nonmonotonic exclude each other": (
        "OMP0207",
        loop("for schedule(monotonic, nonmonotonic: dynamic)"),
    ),
    "safelen is at least simdlen": ("OMP0205", loop("simd safelen(2) simdlen(4)")),
    "safelen and order(concurrent) exclude each other": (
        "OMP0203",
        loop("simd safelen(4) order(concurrent)"),
    ),
    "grainsize and num_tasks exclude each other": ("OMP0203", loop("taskloop grainsize(2) num_tasks(2)")),
    "nogroup and reduction exclude each other": (
        "OMP0203",
        loop("taskloop nogroup reduction(+: s)", "s += i"),
    ),
    "copyprivate and nowait exclude each other": ("OMP0203", block("single copyprivate(s) nowait")),
    "detach and mergeable exclude each other": ("OMP0203", block("task detach(s) mergeable")),
    "full and partial exclude each other": ("OMP0203", loop("unroll full partial(2)")),
    "an atomic is of one kind": ("OMP0203", block("atomic read write", "s = n")),
    "a read does not release": ("OMP0203", block("atomic read release", "s = n")),
    "a write does not acquire": ("OMP0203", block("atomic write acquire", "s = n")),
    "fail needs compare": ("OMP0204", block("atomic fail(relaxed)", "s += n")),
    "weak needs compare": ("OMP0204", block("atomic weak", "s += n")),
    "a flush has a list or an order": ("OMP0203", alone("flush(s) acquire")),
    "a flush is not relaxed": ("OMP0201", alone("flush relaxed")),
    "cancel names one kind of region": (
        "OMP0203",
        nested("parallel", "for", "for i in range(n):\n                        omp('cancel for parallel')"),
    ),
    "tile needs sizes": ("OMP0204", loop("tile")),
    "split needs counts": ("OMP0204", loop("split")),
    "target_enter_data needs map": ("OMP0204", alone("target_enter_data")),
    "target_update needs a motion": ("OMP0204", alone("target_update")),
    "interop needs an action": ("OMP0204", alone("interop")),
    "declare_variant needs match": (
        "OMP0204",
        """
        @omp("declare_variant(g)")
        def f(n):
            return n
    """,
    ),
    "omp_all_memory is out or inout": ("OMP0111", block("task depend(in: omp_all_memory)")),
    "taskwait has no mutexinoutset": ("OMP0207", alone("taskwait depend(mutexinoutset: s)")),
    "hints do not contradict each other": (
        "OMP0205",
        block("critical(x) hint(omp_sync_hint_contended | omp_sync_hint_uncontended)"),
    ),
    "a hint belongs to a named critical": ("OMP0107", block("critical hint(omp_sync_hint_contended)")),
    "a strict thread count is positive": ("OMP0205", block("parallel num_threads(strict: -1)")),
    "an alignment is positive": ("OMP0205", loop("simd aligned(a: 0)", "a[i] = 0")),
    "a priority is not negative": ("OMP0205", block("task priority(-1)")),
    # Names.
    "default(none) wants every name listed": ("OMP0402", block("parallel default(none)", "s = n")),
    "a clause names something that exists": ("OMP0401", block("parallel private(unknown)")),
    "a loop variable is not shared": ("OMP0403", loop("parallel for shared(i)")),
    "a loop variable is not reduced": ("OMP0403", loop("parallel for reduction(+: i)")),
    "a loop variable is not firstprivate": ("OMP0403", loop("parallel for firstprivate(i)")),
    "copyin wants threadprivate variables": ("OMP0406", block("parallel copyin(s)")),
    "copyprivate wants private variables": ("OMP0409", nested("parallel", "single copyprivate(n)")),
    "a private variable is not reduced by an inner worksharing loop": (
        "OMP0408",
        nested(
            "parallel private(n)", "for reduction(+: n)", "for i in range(3):\n                        n += i"
        ),
    ),
    "the step of linear is an integer": ("OMP0205", loop("simd linear(s: 0.5)", "s += 1")),
    # Structure.
    "no break out of an affected loop": ("OMP0307", loop("for", "break")),
    "no return out of a region": ("OMP0307", block("parallel", "return n")),
    "no yield in a region": ("OMP0308", block("parallel", "yield n")),
    "a loop directive governs a loop": ("OMP0309", block("for")),
    "collapsed loops are there": ("OMP0310", loop("for collapse(2)")),
    "an affected loop has no else": (
        "OMP0311",
        """
        def f(n):
            with omp("for"):
                for i in range(n):
                    pass
                else:
                    n = 0
    """,
    ),
    "a loop variable is not assigned": ("OMP0313", loop("for", "i = 3")),
    "sections holds sections": (
        "OMP0315",
        """
        def f(n):
            with omp("sections"):
                with omp("section"):
                    n = 1
                n = 2
    """,
    ),
    "section stands in sections": ("OMP0315", block("section")),
    "barrier stands alone": ("OMP0306", block("barrier")),
    "parallel governs a block": ("OMP0305", alone("parallel")),
    "an atomic has one of OpenMP's forms": ("OMP0316", block("atomic", "s = n * n")),
    "ordered belongs to a loop with ordered": (
        "OMP0317",
        nested("for", "ordered")
        .replace('with omp("ordered")', 'for i in range(n):\n                    with omp("ordered")')
        .replace("                    n = n", "                        n = n"),
    ),
    "a doacross stands in a loop": ("OMP0317", alone("ordered doacross(source:)")),
    "no iteration waits for itself": ("OMP0317", doacross("for ordered(1)", "i")),
    "no iteration waits for a later one": ("OMP0317", doacross("for ordered(1)", "i + 1")),
    "a sink has a value for each loop": ("OMP0317", doacross("for ordered(2) collapse(1)", "i - 1")),
    "cancel stands in what it cancels": ("OMP0320", nested("parallel", "single", "omp('cancel for')")),
    # Nesting.
    "no worksharing in worksharing": (
        "OMP0314",
        nested("single", "sections", "with omp('section'):\n                        n = 1"),
    ),
    "no worksharing in critical": ("OMP0314", nested("critical", "single")),
    "no worksharing in masked": ("OMP0314", nested("masked", "single")),
    "no worksharing in task": ("OMP0314", nested("task", "single")),
    "no barrier in single": ("OMP0314", nested("parallel", "single", "omp('barrier')")),
    "no barrier in critical": ("OMP0314", nested("parallel", "critical", "omp('barrier')")),
    "no barrier in masked": ("OMP0314", nested("parallel", "masked", "omp('barrier')")),
    "no barrier in task": ("OMP0314", nested("parallel", "task", "omp('barrier')")),
    "no critical of the same name in itself": ("OMP0314", nested("critical(x)", "critical(x)")),
    "no masked in single": ("OMP0314", nested("single", "masked")),
    "no parallel in simd": ("OMP0314", loop("simd", "with omp('parallel'):\n                        n = 1")),
    "no critical in simd": ("OMP0314", loop("simd", "with omp('critical'):\n                        n = 1")),
    "no critical in loop": (
        "OMP0314",
        loop("loop bind(parallel)", "with omp('critical'):\n                        n = 1"),
    ),
    "no target in target": ("OMP0314", nested("target", "target")),
    "distribute stands in teams": (
        "OMP0314",
        nested("parallel", "distribute", "for i in range(n):\n                        pass"),
    ),
    "teams do not stand in parallel": ("OMP0314", nested("parallel", "teams")),
    "only some constructs stand in teams": ("OMP0314", nested("teams", "single")),
    "no barrier in teams": ("OMP0314", block("teams", "omp('barrier')")),
    "no construct in atomic": ("OMP0316", nested("atomic", "critical", "s = n")),
}


@pytest.mark.parametrize("rule", RULES)
def test_rule(rule):
    code, text = RULES[rule]
    text = "from omply import *\n" + textwrap.dedent(text)
    filename = f"<{rule}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    scope = {}
    with pytest.raises(OmplySyntaxError) as caught:
        exec(compile(text, filename, "exec"), scope)
        omp(mode="python")(scope["f"])
    assert f"error[{code}]" in caught.value.msg, caught.value.msg
