"""What `shared`, `private`, `firstprivate` and block locals mean for names."""

import numpy as np
import pytest
from omply import OmplySyntaxError, omp, omp_get_thread_num


def shared_scalar(n):
    x = 0
    with omp("parallel for shared(x)"):
        for i in range(n):
            with omp("critical"):
                x += i
    return x


def test_shared_scalar_is_one_variable(program):
    assert program(shared_scalar, 100) == 4950


def first_value(seen):
    x = 41
    with omp("parallel firstprivate(x)"):
        x += 1
        seen[omp_get_thread_num()] = x
    return x


def test_firstprivate_starts_with_the_value_and_leaves_it(team):
    seen = np.zeros(17, dtype=np.int64)
    assert team(first_value, seen) == 41
    assert seen.tolist() == [42] * team.threads + [0] * (17 - team.threads)


def first_array(scratch, out):
    with omp("parallel firstprivate(scratch)"):
        me = omp_get_thread_num()
        scratch[0] += me
        out[me] = scratch[0]


def test_firstprivate_array_is_a_copy(team):
    scratch, out = np.full(3, 10.0), np.zeros(17)
    team(first_array, scratch, out)
    assert scratch.tolist() == [10.0, 10.0, 10.0]
    assert out[: team.threads].tolist() == [10.0 + i for i in range(team.threads)]


def private_array(scratch, out):
    n = len(scratch)
    with omp("parallel private(scratch)"):
        me = omp_get_thread_num()
        for i in range(n):
            scratch[i] = me
        out[me] = scratch[0] + len(scratch)


def test_private_array_is_a_new_one_of_that_shape(team):
    scratch, out = np.full(3, 10.0), np.zeros(17)
    team(private_array, scratch, out)
    assert scratch.tolist() == [10.0, 10.0, 10.0]
    assert out[: team.threads].tolist() == [3.0 + i for i in range(team.threads)]


def block_local(out):
    with omp("parallel"):
        mine = omp_get_thread_num() * 2
        for k in range(3):
            mine += k
        out[omp_get_thread_num()] = mine


def test_names_bound_only_inside_are_each_threads_own(team):
    out = np.full(17, -1, dtype=np.int64)
    team(block_local, out)
    assert out[: team.threads].tolist() == [2 * i + 3 for i in range(team.threads)]


def nothing_implicit(a, factor):
    with omp("parallel for default(none) shared(a) firstprivate(factor)"):
        for i in range(len(a)):
            a[i] *= factor


def test_default_none_with_everything_listed(program):
    a = np.arange(10.0)
    program(nothing_implicit, a, 3.0)
    assert a.tolist() == [3.0 * i for i in range(10)]


def reads_private(out):
    x = 1
    with omp("parallel private(x) num_threads(1)"):
        out.append(x)
        x = 2


def test_reading_a_private_variable_first_is_an_error(objects):
    with pytest.raises((UnboundLocalError, OmplySyntaxError)):
        objects(reads_private, [])


def first_list(items, out):
    with omp("parallel firstprivate(items)"):
        items.append(omp_get_thread_num())
        with omp("critical"):
            out.append(items)


def test_firstprivate_list_is_a_copy(objects):
    items, out = [1], []
    objects(first_list, items, out)
    assert items == [1]
    assert sorted(out) == [[1, i] for i in range(objects.threads)]


class Box:
    value = 0


def first_object(box, out):
    with omp("parallel firstprivate(box)"):
        with omp("critical"):
            out.append(box)


def test_firstprivate_object_is_the_same_object(objects):
    box, out = Box(), []
    objects(first_object, box, out)
    assert all(each is box for each in out)


def bound_inside_read_after():
    with omp("parallel num_threads(1)"):
        x = 12
    return x


def test_name_bound_inside_and_read_after_is_shared(program):
    assert program(bound_inside_read_after) == 12


def closures(n):
    scale = 3
    with omp("parallel for"):
        for i in range(len(n)):
            n[i] = sum(scale * k for k in range(i)) + (lambda v: v + i)(scale)


def test_comprehensions_and_lambdas_see_the_threads_own(objects):
    n = [0] * 50
    objects(closures, n)
    assert n == [sum(3 * k for k in range(i)) + 3 + i for i in range(50)]


COUNTER = 0


def global_counter(n):
    global COUNTER
    with omp("parallel for"):
        for i in range(n):
            with omp("critical"):
                COUNTER += 1


def test_module_globals_are_shared(objects):
    global COUNTER
    COUNTER = 0
    objects(global_counter, 50)
    assert COUNTER == 50


def maybe_bound(flag):
    if flag:
        x = 5
    with omp("parallel firstprivate(flag)"):
        if flag:
            y = x
            assert y == 5


def test_a_shared_name_without_value_is_no_error_until_read(objects):
    objects(maybe_bound, False)
    objects(maybe_bound, True)


def walrus(n, out):
    with omp("parallel for"):
        for i in range(n):
            if (half := i // 2) > 0:
                out[i] = half


def test_assignment_expressions(objects):
    out = [0] * 20
    objects(walrus, 20, out)
    assert out == [i // 2 for i in range(20)]


def first_and_last(n, a):
    x = 5
    with omp("parallel"):
        with omp("for firstprivate(x) lastprivate(x) schedule(dynamic, 1)"):
            for i in range(n):
                a[i] = x
                x = 5
                if i == n - 1:
                    x = 9
    return x


def test_no_thread_overwrites_what_another_has_yet_to_copy(program):
    for _ in range(10):
        a = np.zeros(8, dtype=np.int64)
        assert program(first_and_last, 8, a) == 9
        assert (a == 5).all()
