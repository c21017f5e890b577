"""`task`, `taskwait`, `taskgroup`, `taskyield` and what tasks do with data."""

import numpy as np
import pytest
from omply import omp, omp_get_num_threads, omp_get_thread_num, omp_in_explicit_task, omp_in_final


def fib(n: int) -> int:
    if n < 2:
        return n
    x = 0
    y = 0
    with omp("task shared(x)"):
        x = fib(n - 1)
    with omp("task shared(y)"):
        y = fib(n - 2)
    omp("taskwait")
    return x + y


def test_recursion_outside_of_a_region(program, monkeypatch):
    made = program.decorated(fib)
    monkeypatch.setitem(globals(), "fib", made)
    assert made(12) == 144


def fib_in_a_region(n: int) -> int:
    result = 0
    with omp("parallel"):
        with omp("single"):
            result = fib(n)
    return result


def test_recursion_in_a_region(program, monkeypatch):
    monkeypatch.setitem(globals(), "fib", program.decorated(fib))
    for _ in range(5):
        assert program(fib_in_a_region, 12) == 144


def each_element(a):
    with omp("parallel"):
        with omp("single"):
            for i in range(len(a)):
                with omp("task firstprivate(i)"):
                    a[i] += i * 2.0


def test_a_loop_of_tasks_ends_with_the_region(program):
    a = np.zeros(300)
    program(each_element, a)
    assert (a == np.arange(300) * 2.0).all()


def implicit(a):
    scale = 3.0
    with omp("parallel shared(a, scale)"):
        with omp("masked"):
            for i in range(len(a)):
                with omp("task"):
                    a[i] = scale * i


def test_loop_variable_is_taken_along(program):
    a = np.zeros(200)
    program(implicit, a)
    assert (a == np.arange(200) * 3.0).all()


def implicit_array(n):
    a = np.zeros(n)
    for i in range(n):
        with omp("task"):
            a[i] = i
    omp("taskwait")
    return a


def test_an_array_that_no_clause_lists_is_the_same_array(program):
    assert (program(implicit_array, 50) == np.arange(50)).all()


def explicit_array(a):
    with omp("task firstprivate(a)"):
        a[0] = 7.0
    omp("taskwait")
    return a[0]


def test_firstprivate_copies_an_array(team):
    assert team(explicit_array, np.zeros(3)) == 0.0


def as_it_was(out):
    with omp("parallel"):
        with omp("single"):
            x = 1
            with omp("task"):
                out[0] = x
                x = 100
            x = 2
            with omp("task"):
                out[1] = x
            x = 3
            omp("taskwait")
            out[2] = x


def test_values_are_those_of_the_generation(program):
    out = np.zeros(3, dtype=np.int64)
    program(as_it_was, out)
    if program.mode != "serial":  # serially there is one x
        assert out.tolist() == [1, 2, 3]


def with_private(out):
    x = 5
    with omp("parallel"):
        with omp("single"):
            with omp("task private(x)"):
                x = 17
                out[0] = x
            omp("taskwait")
    out[1] = x


def test_private(team):
    out = np.zeros(2, dtype=np.int64)
    team(with_private, out)
    assert out.tolist() == [17, 5]


def own_temporaries(out):
    with omp("parallel"):
        with omp("single"):
            for i in range(len(out)):
                with omp("task"):
                    t = i * i
                    t += 1
                    out[i] = t


def test_names_of_the_block_are_each_tasks_own(program):
    out = np.zeros(100, dtype=np.int64)
    program(own_temporaries, out)
    assert (out == np.arange(100) ** 2 + 1).all()


def sums(n: int):
    total = 0
    with omp("parallel"):
        with omp("single"):
            for i in range(n):
                with omp("task shared(total)"):
                    with omp("atomic"):
                        total += i
    return total


def test_tasks_share_a_variable(program):
    for _ in range(5):
        assert program(sums, 200) == sum(range(200))


def without_waiting(n: int) -> int:
    done = 0
    with omp("task shared(done)"):
        for i in range(n):
            done += i
    return n


def test_a_function_outlives_tasks_that_share_its_variables(program, monkeypatch):
    made = program.decorated(without_waiting)
    monkeypatch.setitem(globals(), "without_waiting", made)

    def calls(out):
        with omp("parallel"):
            with omp("single"):
                for i in range(len(out)):
                    out[i] = without_waiting(i)

    out = np.zeros(60, dtype=np.int64)
    program(calls, out)
    assert (out == np.arange(60)).all()


def grouped(out):
    with omp("parallel"):
        with omp("single"):
            with omp("taskgroup"):
                for i in range(len(out)):
                    with omp("task"):
                        with omp("task"):
                            out[i] = i + 1.0
            out[0] = np.sum(out)


def test_taskgroup_waits_for_descendants(program):
    for _ in range(5):
        out = np.zeros(50)
        program(grouped, out)
        assert out[0] == sum(range(1, 51))


def waits_for_children(out):
    with omp("parallel"):
        with omp("single"):
            for i in range(1, len(out)):
                with omp("task"):
                    out[i] = i
            omp("taskwait")
            out[0] = np.sum(out)


def test_taskwait(program):
    for _ in range(5):
        out = np.zeros(80)
        program(waits_for_children, out)
        assert out[0] == sum(range(80))


def undeferred(out):
    with omp("parallel"):
        with omp("single"):
            x = 0
            with omp("task if(False) shared(x)"):
                x = 5
            out[0] = x
            with omp("task if(out[0] > 100) shared(x)"):
                x = 6
            out[1] = x


def test_if_false_waits_for_the_task(program):
    out = np.zeros(2, dtype=np.int64)
    program(undeferred, out)
    assert out.tolist() == [5, 6]


def finals(out):
    with omp("parallel"):
        with omp("single"):
            with omp("task final(True)"):
                out[0] = omp_in_final()
                with omp("task"):
                    out[1] = omp_in_final()
            with omp("task final(False)"):
                out[2] = omp_in_final()
                out[3] = omp_in_explicit_task()
            out[4] = omp_in_explicit_task()


def test_final(team):
    out = np.full(5, 7, dtype=np.int64)
    team(finals, out)
    assert out.tolist() == [1, 1, 0, 1, 0]


def yielding(out):
    with omp("parallel"):
        with omp("single"):
            for i in range(len(out)):
                with omp("task untied mergeable priority(i)"):
                    omp("taskyield")
                    out[i] += 1


def test_taskyield_and_hints(program):
    out = np.zeros(64, dtype=np.int64)
    program(yielding, out)
    assert (out == 1).all()


def nested(depth: int, out):
    if depth == 0:
        with omp("atomic"):
            out[0] += 1
        return
    with omp("task"):
        nested(depth - 1, out)
    with omp("task"):
        nested(depth - 1, out)


def test_a_tree_of_tasks_that_nobody_waits_for(program, monkeypatch):
    monkeypatch.setitem(globals(), "nested", program.decorated(nested))

    def start(depth, out):
        with omp("parallel"):
            with omp("masked"):
                nested(depth, out)

    out = np.zeros(1, dtype=np.int64)
    program(start, 8, out)
    assert out[0] == 256


def from_every_thread(out):
    with omp("parallel"):
        for _ in range(20):
            with omp("task"):
                with omp("atomic"):
                    out[0] += 1
        omp("barrier")
        with omp("single"):
            out[1] = out[0]
            out[2] = omp_get_num_threads()


def test_a_barrier_completes_the_tasks_of_all_threads(program):
    out = np.zeros(3, dtype=np.int64)
    program(from_every_thread, out)
    assert out[1] == 20 * out[2]


def spread(out):
    with omp("parallel"):
        with omp("single"):
            for i in range(len(out)):
                with omp("task"):
                    t = 0.0
                    for k in range(20000):
                        t += k * 1e-9
                    out[i] = omp_get_thread_num() + t * 0.0


def test_other_threads_take_tasks(team):
    if team.threads == 1:
        return
    for _ in range(20):
        out = np.zeros(400)
        team(spread, out)
        if len(set(out.tolist())) > 1:
            return
    pytest.fail("one thread has executed all tasks")


def fails(n: int, k: int) -> int:
    done = 0
    with omp("parallel"):
        with omp("single"):
            for i in range(n):
                with omp("task shared(done)"):
                    if i == k:
                        raise ValueError("this one")
                    with omp("atomic"):
                        done += 1
    return done


def test_an_exception_of_a_task_is_raised_at_the_end_of_the_region(program):
    made = program.decorated(fails)
    for k in (0, 3, 99):
        with pytest.raises(ValueError, match="this one"):
            made(100, k)
    assert made(100, 1000) == 100


def fails_alone(a) -> float:
    with omp("task"):
        a[len(a)] = 1.0
    omp("taskwait")
    return a[0]


def test_an_exception_of_a_task_outside_of_regions(program):
    with pytest.raises(IndexError):
        program(fails_alone, np.zeros(2))


def fails_below(depth: int) -> int:
    if depth == 0:
        raise RuntimeError("down there")
    x = 0
    with omp("task shared(x)"):
        x = fails_below(depth - 1)
    omp("taskwait")
    return x


def test_an_exception_comes_up_through_waiting_tasks(program, monkeypatch):
    monkeypatch.setitem(globals(), "fails_below", program.decorated(fails_below))

    def start(depth):
        x = 0
        with omp("parallel"):
            with omp("single"):
                x = fails_below(depth)
        return x

    with pytest.raises(RuntimeError, match="down there"):
        program(start, 6)


def array_results(n: int):
    with omp("parallel"):
        with omp("single"):
            a = np.ones(n)
            for i in range(8):
                b = a * i
                with omp("task"):
                    b += 1.0
                    a[i] = b[i]
            omp("taskwait")
            a[n - 1] = np.sum(a[:8])
            total = a[n - 1]
            out = np.zeros(1)
            out[0] = total


def test_a_task_keeps_the_arrays_that_it_took_along(program):
    for _ in range(5):
        program(array_results, 1000)


def objects_taken_along(out):
    with omp("parallel"):
        with omp("single"):
            for word in ("a", "b", "c"):
                with omp("task"):
                    with omp("critical"):
                        out.append(word * 2)


def test_objects(objects):
    out = []
    objects(objects_taken_along, out)
    assert sorted(out) == ["aa", "bb", "cc"]


def local_to_a_block(n: int) -> int:
    total = 0
    with omp("single"):
        x = n
        with omp("task shared(x)"):
            x += 1
        omp("taskwait")
        total = x
    return total


def test_a_task_shares_a_variable_of_a_block_outside_of_any_region(program):
    assert program(local_to_a_block, 4) == 5
