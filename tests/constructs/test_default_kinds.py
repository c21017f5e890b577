"""`default(attribute: category)`: numbers are scalars, arrays and other containers aggregates."""

import numpy as np
import pytest
from omply import OmplyTypeError, omp, omp_get_thread_num


def test_scalars_are_firstprivate_and_arrays_shared(team):
    def scalars(a, n: int):
        x = 10
        with omp("parallel num_threads(4) default(firstprivate: scalar)"):
            x += omp_get_thread_num()
            a[omp_get_thread_num()] = x
        return x + n

    a = np.zeros(4)
    assert team(scalars, a, 1) == 11
    assert a.tolist() == [10.0, 11.0, 12.0, 13.0]


def test_arrays_are_firstprivate_and_scalars_shared(team):
    def aggregates(a, n: int):
        total = 0
        with omp("parallel num_threads(4) default(firstprivate: aggregate)"):
            a[0] += omp_get_thread_num()
            with omp("critical"):
                total += int(a[0])
        return total

    a = np.full(3, 100.0)
    assert team(aggregates, a, 4) == 406
    assert a.tolist() == [100.0] * 3


def test_private_scalars_have_no_value_and_leave_the_original(team):
    def private(a, n: int):
        x = 5
        with omp("parallel for default(private: scalar) firstprivate(n)"):
            for i in range(len(a)):
                x = i * n
                a[i] = x
        return x

    a = np.zeros(20)
    assert team(private, a, 3) == 5
    assert a.tolist() == [3.0 * i for i in range(20)]


def test_private_arrays_are_new_ones(team):
    def private(a, out):
        with omp("parallel for default(private: aggregate) shared(out)"):
            for i in range(len(out)):
                a[0] = i
                out[i] = a[0]

    a, out = np.full(3, 7.0), np.zeros(10)
    team(private, a, out)
    assert a.tolist() == [7.0] * 3
    assert out.tolist() == list(range(10))


def test_a_name_that_is_bound_anew_is_shared_where_it_holds_an_array(team):
    def bound(a, n: int):
        k = 1
        with omp("parallel default(firstprivate: scalar)"):
            with omp("single"):
                k += n
                a = np.full(n, 2.0)
        return a, k

    a, k = team(bound, np.zeros(1), 5)
    assert a.tolist() == [2.0] * 5
    assert k == 1


def test_tasks_inside_have_the_values_of_their_generation(team):
    def tasks(out, n: int):
        x = 0
        with omp("parallel default(firstprivate: scalar)"):
            with omp("single"):
                for i in range(n):
                    x = i * i
                    with omp("task"):
                        out[i] = x
        return x

    out = np.zeros(10)
    assert team(tasks, out, 10) == 0
    assert out.tolist() == [i * i for i in range(10)]


def test_tasks_and_taskloops_and_teams_take_it(team):
    def task(out, n: int):
        x = n
        with omp("parallel"):
            with omp("single"):
                with omp("task default(shared: scalar)"):
                    x += 1
                omp("taskwait")
                with omp("taskloop default(firstprivate: scalar)"):
                    for i in range(4):
                        out[i] = x
        with omp("teams num_teams(2) default(firstprivate: scalar)"):
            with omp("distribute"):
                for i in range(4, 8):
                    x += i
                    out[i] = x - i
        return x

    out = np.zeros(8)
    assert team(task, out, 5) == 6
    assert out[:4].tolist() == [6.0] * 4


def test_there_are_no_pointers(team):
    def pointers(n: int):
        x = 0
        with omp("parallel num_threads(3) default(none: pointer)"):
            with omp("critical"):
                x += n
        return x

    assert team(pointers, 2) == 6


def test_none_asks_for_a_clause_for_what_holds_such_a_value(team):
    def unlisted(a, n: int):
        with omp("parallel default(none: scalar)"):
            a[0] = n

    def listed(a, n: int):
        with omp("parallel default(none: scalar) shared(n)"):
            a[0] = n

    error = OmplyTypeError if team.mode == "native" else TypeError
    with pytest.raises(error, match="`n` is in no clause"):
        team(unlisted, np.zeros(2), 3)
    a = np.zeros(2)
    team(listed, a, 3)
    assert a[0] == 3.0


def test_lists_and_strings_in_python_mode(objects):
    def containers(items, name):
        seen = []
        with omp("parallel num_threads(3) default(firstprivate: aggregate) shared(seen)"):
            items.append(omp_get_thread_num())
            with omp("critical"):
                seen.append((name, items))
        return seen

    items = [7]
    seen = objects(containers, items, "x")
    assert items == [7]
    assert sorted(mine for _, mine in seen) == [[7, 0], [7, 1], [7, 2]]
    assert {name for name, _ in seen} == {"x"}


def test_a_reduction_of_what_may_be_private_around_is_an_error():
    def reduced(n):
        s = 0
        with omp("parallel default(firstprivate: scalar)"):
            with omp("for reduction(+: s)"):
                for i in range(n):
                    s += i
        return s

    with pytest.raises(SyntaxError, match="OMP0408"):
        omp(mode="python")(reduced)
