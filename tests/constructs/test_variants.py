"""`declare_variant`, `dispatch` and `interop`, in both modes."""

import numpy as np
import pytest
from omply import (
    OmplySyntaxError,
    omp,
    omp_get_interop_int,
    omp_get_interop_name,
    omp_get_num_interop_properties,
    omp_get_num_threads,
    omp_interop_none,
    omp_ipr_fr_id,
    omp_irc_empty,
)

OMP = {}


def make(mode):
    """A base function with variants, and callers, all of one mode."""
    if mode in OMP:
        return OMP[mode]

    @omp(mode=mode)
    def in_parallel():
        return 1

    @omp(mode=mode)
    def in_a_loop():
        return 2

    @omp(mode=mode)
    def on_a_gpu():
        return 3

    @omp(mode=mode)
    def dispatched():
        return 4

    @omp("declare_variant(dispatched) match(construct={dispatch})")
    @omp("declare_variant(on_a_gpu) match(device={kind(gpu)})")
    @omp("declare_variant(in_a_loop) match(construct={parallel, for})")
    @omp("declare_variant(in_parallel) match(construct={parallel})")
    @omp(mode=mode)
    def base():
        return 0

    @omp(mode=mode)
    def outside():
        return base()

    @omp(mode=mode)
    def inside(found):
        with omp("parallel num_threads(2)"):
            with omp("masked"):
                found[0] = base()
            with omp("for"):
                for i in range(2):
                    found[1 + i] = base()
        with omp("parallel for"):
            for i in range(2):
                found[3 + i] = base()

    @omp(mode=mode)
    def dispatching(found):
        with omp("dispatch"):
            found[0] = base()
        with omp("dispatch novariants(True)"):
            found[1] = base()
        with omp("dispatch nocontext(True)"):
            found[2] = base()
        found[3] = base()
        with omp("parallel"):
            with omp("masked"):
                with omp("dispatch nowait device(0)"):
                    found[4] = base()

    OMP[mode] = outside, inside, dispatching
    return OMP[mode]


@pytest.fixture
def functions(mode):
    return make(mode)


def test_outside_of_all_constructs_the_base_is_called(functions):
    assert functions[0]() == 0


def test_the_constructs_around_a_call_choose(functions):
    found = np.zeros(5, dtype=np.int64)
    functions[1](found)
    assert found.tolist() == [1, 2, 2, 2, 2]


@pytest.mark.covers("dispatch novariants(True)", "dispatch nocontext(True)", "dispatch nowait device(0)")
def test_dispatch_is_a_trait_and_can_be_switched_off(functions):
    found = np.zeros(5, dtype=np.int64)
    functions[2](found)
    assert found.tolist() == [4, 0, 0, 0, 4]


def small(n):
    return "small"


def large(n):
    return "large"


@omp("declare_variant(small) match(user={condition(score(1): n < 10)})")
@omp("declare_variant(large) match(user={condition(score(2): n > 5)})")
def sized(n):
    return "base"


def test_conditions_see_the_arguments_and_are_tried_by_score():
    assert [sized(n) for n in (1, 7, n_base(20))] == ["small", "large", "large"]


def n_base(n):
    return n


def appended(n, interop):
    return n, interop


@omp(
    "declare_variant(appended) match(construct={dispatch}) append_args(interop(target)) adjust_args(nothing: n)"
)
def without(n):
    return n


@omp(mode="python")
def append(n):
    object = n + 4
    with omp("dispatch"):
        first = without(n)
    with omp("dispatch interop(object)"):
        second = without(n)
    return first, second, object


def test_interoperability_objects_are_appended():
    assert append(1) == ((1, omp_interop_none), (1, 5), 5)


def depending(n):
    x = 0
    result = 0
    with omp("parallel num_threads(2)"):
        with omp("single"):
            with omp("task depend(out: x) shared(x)"):
                x = n
            with omp("dispatch depend(in: x)"):
                result = abs(x)
    return result


def test_dispatch_waits_for_what_it_depends_on(program):
    assert program(depending, -3) == 3


def with_addresses(x, y, n):
    object = 0
    with omp("parallel num_threads(2)"):
        with omp("single"):
            with omp("task depend(out: x)"):
                x[0] = n
            omp("interop init(target: object) depend(in: x) nowait")
            x[1] = x[0]
            omp("interop destroy(object)")
    with omp("dispatch interop(object) is_device_ptr(x) has_device_addr(y)"):
        result = abs(n)
    return result, object == 0


def test_objects_and_addresses_stand_in_clauses(program):
    x = np.zeros(2)
    assert program(with_addresses, x, np.zeros(1), -4) == (4, True)
    assert x.tolist() == [-4.0, -4.0]


def make_objects(n):
    first = 7
    second = 8
    omp("interop init(target: first) init(targetsync: second) device(0)")
    omp("interop use(first) nowait")
    made = first == omp_interop_none and second == omp_interop_none
    omp("interop destroy(first) destroy(second)")
    return made and first == 0


def test_an_interoperability_object_is_none(mode):
    assert omp(mode=mode)(make_objects)(1)


def test_the_routines_say_that_there_is_no_runtime():
    assert omp_get_num_interop_properties(omp_interop_none) == 0
    assert omp_get_interop_int(omp_interop_none, omp_ipr_fr_id) == (0, omp_irc_empty)
    assert omp_get_interop_name(omp_interop_none, omp_ipr_fr_id) == "fr_id"


def test_a_wrong_selector_is_told_with_the_line_of_the_directive():
    with pytest.raises(OmplySyntaxError, match="has no trait `knd`") as caught:

        @omp("declare_variant(small) match(device={knd(host)})")
        def f(n):
            return n

    assert caught.value.filename == __file__


def test_adjusted_parameters_exist():
    with pytest.raises(TypeError, match="no such parameter"):

        @omp("declare_variant(small) match(construct={dispatch}) adjust_args(need_device_ptr: m)")
        def f(n):
            return n


class Shape:
    def fast(self, n):
        return "fast", n

    @omp("declare_variant(fast) match(construct={parallel})")
    def area(self, n):
        return "slow", n

    @omp(mode="python")
    def both(self):
        with omp("parallel num_threads(1)"):
            inside = self.area(2)
        return self.area(1), inside


def test_methods_have_variants():
    assert Shape().both() == (("slow", 1), ("fast", 2))
    assert omp_get_num_threads() == 1


BLOCKS = """
import numpy as np
from omply import omp

@omp(mode="{mode}")
def f():
    return 0

@omp(mode="{mode}")
def g(n):
    return n

omp("begin declare_variant match(construct={{parallel}})")

@omp(mode="{mode}")
def f():
    return 1

omp("begin declare_variant match(construct={{for}})")

@omp(mode="{mode}")
def g(n):
    return -n

omp("end declare_variant")

def helper():
    return 5

omp("end declare_variant")

omp("begin declare_variant match(device={{kind(nohost)}})")

@omp(mode="{mode}")
def f():
    return 2

omp("end declare_variant")

@omp(mode="{mode}")
def run(found):
    found[0] = f()
    found[1] = g(4)
    with omp("parallel num_threads(2)"):
        with omp("masked"):
            found[2] = f()
            found[3] = g(4)
    with omp("for"):
        for i in range(1):
            found[4] = f()
            found[5] = g(4)
    with omp("parallel for"):
        for i in range(1):
            found[6] = g(4)

found = np.zeros(7, dtype=np.int64)
run(found)
assert found.tolist() == [0, 4, 1, 4, 0, 4, -4], found
assert helper() == 5
"""


@pytest.mark.covers(
    "begin declare_variant match(construct={parallel})",
    "end declare_variant",
)
def test_functions_between_begin_and_end_are_variants(mode, run_program):
    run = run_program(BLOCKS.format(mode=mode))
    assert run.returncode == 0, run.stderr


def test_in_serial_mode_the_bases_are_called(run_program):
    text = BLOCKS.format(mode="auto").replace("[0, 4, 1, 4, 0, 4, -4]", "[0, 4, 0, 4, 0, 4, 4]")
    run = run_program(text, OMPLY_MODE="serial")
    assert run.returncode == 0, run.stderr


def test_an_end_without_its_begin_and_pairs_in_functions_are_errors():
    with pytest.raises(OmplySyntaxError, match="without `begin declare_variant`"):
        exec('omp("end declare_variant")', {"omp": omp, "__name__": "ends"})
    with pytest.raises(OmplySyntaxError, match="belongs to the top of a module"):
        omp("begin declare_variant match(construct={parallel})")
