"""`target` and the constructs that move data for it, where the program runs on the host: data sharing, clauses, compounds, errors."""

import numpy as np
import pytest
from omply import (
    OmplySyntaxError,
    OmplyTypeError,
    omp,
    omp_get_num_devices,
    omp_get_num_teams,
    omp_get_num_threads,
    omp_get_thread_num,
)


def saxpy(a, x, y):
    with omp("target teams distribute parallel for map(tofrom: y) map(to: x)"):
        for i in range(len(x)):
            y[i] = a * x[i] + y[i]


def test_a_league_of_a_target_region_covers_every_iteration(program):
    for n in (0, 1, 7, 1000):
        x, y = np.arange(n, dtype=float), np.ones(n)
        program(saxpy, 2.0, x, y)
        assert (y == 2.0 * x + 1.0).all()


def unlisted(x):
    s = 1.0
    k = 3
    with omp("target"):
        s = s + k
        x[0] = s
        k = 7
    return s, k


def test_numbers_that_no_clause_lists_are_copied_and_arrays_are_not(team):
    x = np.zeros(2)
    assert team(unlisted, x) == (1.0, 3)
    assert x[0] == 4.0


def mapped(x):
    s = 1.0
    with omp("target map(tofrom: s) map(to: x)"):
        for i in range(len(x)):
            s += x[i]
    return s


def test_a_mapped_number_comes_back(program):
    assert program(mapped, np.arange(5.0)) == 11.0


def by_default(x):
    s = 0.0
    n = 0
    with omp("target defaultmap(tofrom: scalar)"):
        for i in range(len(x)):
            s += x[i]
        n = len(x)
    return s, n


def test_defaultmap_maps_numbers(program):
    assert program(by_default, np.arange(5.0)) == (10.0, 5)


def copied(x):
    with omp("target firstprivate(x)"):
        x[0] = 9.0
    first = x[0]
    with omp("target defaultmap(firstprivate: aggregate)"):
        x[1] = 9.0
    return first + x[1]


def test_firstprivate_arrays_are_copies(team):
    assert team(copied, np.ones(2)) == 2.0


def uninitialised(x, out):
    with omp("target private(x)"):
        x[0] = 5.0
        out[0] = x[0]
    return x[0]


def test_private_arrays_are_the_regions_own(team):
    out = np.zeros(1)
    assert team(uninitialised, np.ones(3), out) == 1.0
    assert out[0] == 5.0


def reduced(x):
    s = 0.0
    with omp("target teams distribute parallel for reduction(+: s)"):
        for i in range(len(x)):
            s += x[i]
    t = 0.0
    with omp("target parallel for simd reduction(max: t)"):
        for i in range(len(x)):
            t = max(t, x[i])
    return s, t


def test_reductions_of_compounds_come_back(program):
    assert program(reduced, np.arange(100.0)) == (4950.0, 99.0)


def last(n):
    k = -1
    with omp("target parallel for lastprivate(k)"):
        for i in range(n):
            k = i * 2
    return k


def test_lastprivate_of_a_compound_comes_back(program):
    assert program(last, 50) == 98


def compounds(a):
    with omp("target simd"):
        for i in range(len(a)):
            a[i] += 1
    with omp("target parallel for"):
        for i in range(len(a)):
            a[i] += 10
    with omp("target loop"):
        for i in range(len(a)):
            a[i] += 100
    with omp("target parallel loop"):
        for i in range(len(a)):
            a[i] += 1000
    with omp("target teams loop"):
        for i in range(len(a)):
            a[i] += 10000
    with omp("target teams distribute"):
        for i in range(len(a)):
            a[i] += 100000
    with omp("target teams distribute simd"):
        for i in range(len(a)):
            a[i] += 1000000
    with omp("target teams distribute parallel for simd"):
        for i in range(len(a)):
            a[i] += 10000000


def test_every_compound_covers_its_loop(program):
    a = np.zeros(37, dtype=np.int64)
    program(compounds, a)
    assert (a == 11111111).all()


def nested(a, counts, n):
    with omp("target"):
        a[0] = 1
        with omp("parallel num_threads(n)"):
            with omp("single"):
                counts[0] = omp_get_num_threads()
            with omp("for"):
                for i in range(1, len(a)):
                    a[i] = i
            with omp("critical"):
                counts[1] += 1
            with omp("atomic"):
                counts[2] += 1


def test_serial_code_and_a_team_in_one_region(team):
    a, counts = np.zeros(50, dtype=np.int64), np.zeros(3, dtype=np.int64)
    team(nested, a, counts, team.threads)
    assert a.tolist() == [1, *range(1, 50)]
    assert counts.tolist() == [team.threads] * 3


def in_a_team(hits, numbers):
    with omp("parallel"):
        with omp("target"):
            numbers[omp_get_thread_num()] = omp_get_num_threads()
            with omp("for"):
                for i in range(len(hits)):
                    with omp("atomic"):
                        hits[i] += 1


def test_a_region_inside_of_a_team_is_a_team_of_its_own(team):
    hits, numbers = np.zeros(10, dtype=np.int64), np.zeros(1, dtype=np.int64)
    team(in_a_team, hits, numbers)
    assert hits.tolist() == [team.threads] * 10
    assert numbers[0] == 1


def teams_asked_for(seen, n):
    with omp("target teams num_teams(n) thread_limit(3)"):
        seen[0] = omp_get_num_teams()


def test_num_teams_is_honoured(team):
    for n in (1, 2, 5):
        seen = np.zeros(1, dtype=np.int64)
        team(teams_asked_for, seen, n)
        assert seen[0] == n


def test_num_teams_must_be_positive(team):
    with pytest.raises(ValueError, match="num_teams must be positive, not 0"):
        team(teams_asked_for, np.zeros(1, dtype=np.int64), 0)


def around(x, n):
    with omp("target_data map(tofrom: x)"):
        for _ in range(n):
            with omp("target parallel for"):
                for i in range(len(x)):
                    x[i] += 1.0
    return x[0]


def test_target_data_around_regions(program):
    assert program(around, np.zeros(10), 3) == 3.0


def waited(x):
    with omp("target_data map(tofrom: x)"):
        with omp("target nowait"):
            x[0] = 5.0
    return x[0]


def test_target_data_waits_for_the_regions_in_it(program):
    assert program(waited, np.zeros(1)) == 5.0


def in_order(x):
    with omp("parallel num_threads(2)"):
        with omp("single"):
            with omp("task depend(out: x)"):
                x[0] = 2.0
            with omp("target_data map(tofrom: x) depend(inout: x) nowait nogroup"):
                with omp("target"):
                    x[0] *= 3.0
            with omp("task depend(in: x)"):
                x[1] = x[0]
    return x[1]


def test_target_data_waits_for_what_it_depends_on(program):
    assert program(in_order, np.zeros(2)) == 6.0


def unstructured(x):
    omp("target_enter_data map(to: x)")
    with omp("target"):
        x[1] = -7.0
    omp("target_update from(x[1:2])")
    first = x[1]
    x[2] = 4.0
    omp("target_update to(x[2:3])")
    with omp("target"):
        x[3] = x[2] + x[1]
    omp("target_exit_data map(from: x)")
    return first, x[3]


def test_data_that_is_mapped_in_one_place_and_unmapped_in_another(program):
    assert program(unstructured, np.zeros(5)) == (-7.0, -3.0)


def sections(x, y):
    with omp("target map(to: x[2:5]) map(from: y[1:6:2])"):
        for i in range(2, 5):
            y[2 * (i - 2) + 1] = x[i]
    with omp("target map(tofrom: x[0])"):
        x[0] = 42.0
    return x[0]


def test_parts_of_arrays_keep_their_indices(program):
    x, y = np.arange(8.0), np.zeros(8)
    assert program(sections, x, y) == 42.0
    assert y.tolist() == [0, 2, 0, 3, 0, 4, 0, 0]


def matrix(a, f):
    with omp("target parallel for collapse(2) map(tofrom: a) map(to: f)"):
        for i in range(a.shape[0]):
            for j in range(a.shape[1]):
                a[i, j] += f[j, i]


def test_arrays_of_two_dimensions_in_any_order(program):
    f = np.asfortranarray(np.arange(12.0).reshape(4, 3))
    a = np.ones((6, 8))[::2, ::2]
    expected = 1 + f.T
    program(matrix, a, f)
    assert (a == expected).all()


def depending(x):
    with omp("target nowait depend(out: x)"):
        for i in range(len(x)):
            x[i] = 1.0
    with omp("target nowait depend(inout: x)"):
        for i in range(len(x)):
            x[i] = x[i] * 5.0
    omp("target_update nowait depend(inout: x) from(x)")
    with omp("target depend(in: x)"):
        x[0] += 1.0
    omp("taskwait")
    return x[0]


def test_target_tasks_keep_their_dependences(program):
    for _ in range(20):
        assert program(depending, np.zeros(100)) == 6.0


def deferred(n):
    k = 1
    s = 0
    with omp("target nowait map(tofrom: s)"):
        s += k
    k = 100
    omp("taskwait")
    return s + n


def test_a_deferred_region_has_the_numbers_of_its_beginning(program):
    for _ in range(20):
        assert program(deferred, 0) == 1


def conditional(x, on_device):
    with omp("target if(on_device)"):
        x[0] += 1.0
    with omp("target parallel for if(target: on_device) if(parallel: not on_device)"):
        for i in range(len(x)):
            x[i] += 1.0
    return x[0]


def test_the_condition_changes_no_result(program):
    assert program(conditional, np.zeros(3), True) == 2.0
    assert program(conditional, np.zeros(3), False) == 2.0


def numbered(x, device):
    with omp("target device(device)"):
        x[0] = 1.0
    return x[0]


def test_a_device_is_named_by_its_number(team):
    assert team(numbered, np.zeros(1), omp_get_num_devices()) == 1.0
    assert team(numbered, np.zeros(1), -1) == 1.0


@pytest.mark.skipif(omp_get_num_devices() > 0, reason="there are devices")
def test_any_device_is_the_host_where_there_are_none(team):
    assert team(numbered, np.zeros(1), 99) == 1.0


def out_of_bounds(x):
    with omp("target"):
        x[len(x)] = 1.0


def test_an_error_in_a_region_is_raised_where_it_was_encountered(team):
    with pytest.raises(IndexError):
        team(out_of_bounds, np.zeros(3))


def out_of_bounds_in_a_team(x):
    with omp("target teams distribute parallel for"):
        for i in range(len(x) + 1):
            x[i] = 1.0


def test_an_error_in_a_league_of_a_region(team):
    with pytest.raises(IndexError):
        team(out_of_bounds_in_a_team, np.zeros(30))


@omp
def square(x: float) -> float:
    return x * x


def calling(x):
    with omp("target teams distribute parallel for"):
        for i in range(len(x)):
            x[i] = square(x[i])


def test_functions_are_called_in_regions(program):
    x = np.arange(10.0)
    program(calling, x)
    assert x.tolist() == [float(i * i) for i in range(10)]


def addresses(x):
    with omp("target_data map(tofrom: x) use_device_addr(x)"):
        with omp("target has_device_addr(x)"):
            x[0] = 5.0
    with omp("target_data map(tofrom: x) use_device_ptr(x)"):
        with omp("target is_device_ptr(x)"):
            x[1] = 6.0
    return x[0] + x[1]


def test_addresses_on_the_device(program):
    assert program(addresses, np.zeros(4)) == 11.0


def test_an_array_cannot_become_another_one_in_a_region():
    def program(x):
        with omp("target"):
            x = x + 1.0
        return x[0]

    with pytest.raises(OmplyTypeError) as caught:
        omp(mode="native")(program)(np.ones(3))
    assert "`x` is mapped and becomes another array in the region" in str(caught.value)
    assert "x[:] = ..." in str(caught.value)


def test_a_region_inside_of_a_region():
    def program(x):
        with omp("target"):
            with omp("target"):
                x[0] = 1.0

    with pytest.raises(OmplySyntaxError, match="`target` may not stand inside of `target`"):
        omp(mode="python")(program)


def test_a_clause_for_every_variable():
    def program(x, n):
        with omp("target defaultmap(none) map(x)"):
            x[0] = n

    with pytest.raises(OmplySyntaxError, match="`n` is in no clause of `target`"):
        omp(mode="python")(program)


def test_what_is_not_supported_yet_is_named():
    def program(x):
        with omp("target map(mapper(m), to: x) device(ancestor: 1)"):
            x[0] = 1.0

    with pytest.raises(OmplySyntaxError) as caught:
        omp(mode="python")(program)
    assert "`mapper` is not supported yet" in str(caught.value)
    assert "`ancestor` on `device` is not supported yet" in str(caught.value)


factor = 3.0
omp("declare_target(factor)")


@omp
@omp("declare_target device_type(any)")
def scaled(x: float) -> float:
    return x * factor


def declared(x):
    omp("declare_target enter(scaled)")
    with omp("target"):
        for i in range(len(x)):
            x[i] = scaled(x[i]) + factor


def test_functions_and_constants_declared_for_devices(program):
    x = np.ones(3)
    program(declared, x)
    assert x.tolist() == [6.0] * 3


def test_declare_target_with_clauses_that_are_not_supported_yet():
    def program(x):
        omp("declare_target local(x)")
        x[0] = 1.0

    with pytest.raises(OmplySyntaxError, match="`local` on `declare_target` is not supported yet"):
        omp(mode="python")(program)


def test_explain_shows_what_is_mapped(run_program, tmp_path):
    path = tmp_path / "mapped.py"
    path.write_text(
        "from omply import omp\n\n@omp\ndef f(x, y, n):\n    s = 0.0\n"
        '    with omp("target teams distribute parallel for map(to: x[0:n]) reduction(+: s)"):\n'
        "        for i in range(n):\n            s += x[i] * y[i]\n    return s\n"
    )
    text = f"import sys\nfrom omply.__main__ import main\nsys.exit(main(['explain', {str(path)!r}]))\n"
    done = run_program(text)
    assert done.returncode == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "x[0:n] map(to) explicit on target" in lines
    assert "s map(tofrom) implied by a clause on target" in lines
    assert any(line.startswith("y map(tofrom) or copied implicit on target") for line in lines)


counter = 0
omp("threadprivate(counter)")


def test_a_threadprivate_variable_in_a_region():
    def program(x):
        with omp("target"):
            x[0] = counter

    with pytest.raises(OmplyTypeError) as caught:
        omp(mode="native")(program)(np.ones(3))
    assert "the threadprivate variable `counter` does not exist on devices" in str(caught.value)


def test_a_clause_for_every_array():
    def program(x, n):
        with omp("target defaultmap(none: aggregate)"):
            x[0] = n

    with pytest.raises(OmplyTypeError) as caught:
        omp(mode="native")(program)(np.ones(3), 2)
    assert "`x` is in no clause of `target`" in str(caught.value)
    assert "asks for a clause for each array" in str(caught.value)


def test_a_read_only_array_may_be_mapped_to_a_region_that_reads_it(team):
    def program(x, out):
        with omp("target"):
            out[0] = x[1]

    def back(x):
        with omp("target map(tofrom: x)"):
            x[0] + 1.0

    x, out = np.arange(3.0), np.zeros(1)
    x.flags.writeable = False
    team(program, x, out)
    assert out[0] == 1.0
    if team.mode == "native":
        with pytest.raises(TypeError, match="read-only"):
            team(back, x)


def tuples(pair, out):
    with omp("target map(from: out)"):
        a, b = pair
        out[0] = a[0] + b


def test_arrays_in_tuples_are_mapped(program):
    out = np.zeros(1)
    program(tuples, (np.full(2, 3.0), 4.0), out)
    assert out[0] == 7.0


limit = 4.0
omp("begin declare_target device_type(any)")
offset = 1.0
omp("end declare_target")


@pytest.mark.covers("begin declare_target device_type(any)", "end declare_target")
def test_constants_that_are_linked_and_allocators_that_are_named(program):
    def constants(x):
        omp("declare_target link(limit)")
        with omp("target uses_allocators(omp_default_mem_alloc)"):
            x[0] = limit + offset
        return x[0]

    assert program(constants, np.zeros(1)) == 5.0
