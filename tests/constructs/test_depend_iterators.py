"""Dependences that are many at once (`iterator`), of all memory, of objects (`depobj`), and of the rarer types."""

import numpy as np
import pytest
from omply import omp, omp_get_thread_num


def gather(a, out):
    n = len(a)
    with omp("parallel"):
        with omp("single"):
            for i in range(n):
                with omp("task depend(out: a[i])"):
                    a[i] = i * i
            with omp("task depend(iterator(i=0:n), in: a[i]) depend(out: out)"):
                out[0] = a.sum()
            with omp("task depend(in: out)"):
                out[1] = out[0] + 1


def test_a_task_waits_for_every_element(program):
    for _ in range(10):
        a, out = np.zeros(50), np.zeros(2)
        program(gather, a, out)
        assert out.tolist() == [sum(i * i for i in range(50)), sum(i * i for i in range(50)) + 1]


def strided(a, out):
    n = len(a)
    i = 7
    with omp("parallel"):
        with omp("single"):
            with omp("task depend(iterator(i=n-1:-1:-3), out: a[i])"):
                for k in range(n - 1, -1, -3):
                    a[k] = 1.0
            with omp("task depend(iterator(i=0:n // 3, j=0:3), inout: a[3 * i + j])"):
                out[0] = a.sum()
            with omp("task depend(iterator(i=0:n), in: a[i], out[i:i + 1])"):
                out[1] = out[0] * 2
    out[2] = i


def test_steps_and_several_iterators(program):
    for _ in range(10):
        a, out = np.zeros(30), np.zeros(30)
        program(strided, a, out)
        assert out[:3].tolist() == [10, 20, 7]


def nothing_to_wait_for(out, n: int):
    x = 1
    with omp("parallel"):
        with omp("single"):
            with omp("task shared(x) depend(out: x) depend(iterator(i=0:n), in: out[i])"):
                x = 2
            with omp("taskwait depend(iterator(i=0:n), inout: out[i]) depend(in: x)"):
                pass
            out[0] = x


def test_an_iterator_without_values(program):
    for _ in range(5):
        out = np.zeros(3)
        program(nothing_to_wait_for, out, 0)
        assert out[0] == 2


def bad_step(out, n: int):
    with omp("task depend(iterator(i=0:3:n), in: out[i])"):
        out[0] = 1


def test_a_step_of_zero_is_an_error(team):
    with pytest.raises(ValueError, match="must not be zero"):
        team(bad_step, np.zeros(3), 0)


def beyond(out, n: int):
    with omp("task depend(iterator(i=0:n), in: out[i])"):
        out[0] = 1


def test_an_element_that_is_not_there_is_an_error(team):
    with pytest.raises(IndexError):
        team(beyond, np.zeros(3), 5)


def everything(a, out):
    with omp("parallel"):
        with omp("single"):
            for i in range(len(a)):
                with omp("task depend(out: a[i])"):
                    a[i] = i
            with omp("task depend(out: omp_all_memory)"):
                out[0] = a.sum()
            with omp("task depend(in: out)"):
                out[1] = out[0]
            with omp("taskwait depend(inout: omp_all_memory)"):
                pass
            out[2] = out[1]


def test_all_memory(program):
    for _ in range(10):
        a, out = np.zeros(40), np.zeros(3)
        program(everything, a, out)
        assert out.tolist() == [780, 780, 780]


def sets(a, out):
    with omp("parallel"):
        with omp("single"):
            with omp("task depend(out: a)"):
                a[:] = 1.0
            for i in range(len(a)):
                with omp("task depend(inoutset: a)"):
                    a[i] += i
            with omp("task depend(in: a)"):
                out[0] = a.sum()
            for i in range(len(a)):
                with omp("task depend(mutexinoutset: out)"):
                    out[1] += i
            with omp("task depend(inout: out)"):
                out[1] *= 2


def test_inoutset_and_mutexinoutset(program):
    for _ in range(10):
        a, out = np.zeros(30), np.zeros(2)
        program(sets, a, out)
        assert out.tolist() == [465, 870]


def objects_of_variables(n: int):
    x = 0
    o = 0  # noqa: F841
    with omp("parallel"):
        with omp("single"):
            omp("depobj init(inout(x): o)")
            for i in range(n):
                with omp("task shared(x) depend(depobj: o)"):
                    x = x * 3 % 1009 + i
            omp("depobj update(in: o)")
            with omp("task shared(x) depend(out: x)"):
                x = x * 5
            with omp("taskwait depend(depobj: o)"):
                pass
            x += 1
            omp("depobj destroy(o)")
    return x


def test_an_object_of_a_variable(program):
    x = 0
    for i in range(40):
        x = x * 3 % 1009 + i
    for _ in range(5):
        assert program(objects_of_variables, 40) == x * 5 + 1


def objects_in_an_array(a, handles):
    n = len(a)
    with omp("parallel"):
        with omp("single"):
            for i in range(n):
                omp("depobj(handles[i]) depend(inout: a[i])")
            for k in range(3):
                for i in range(n):
                    with omp("task depend(depobj: handles[i])"):
                        a[i] = a[i] * 2 + k
            with omp("task depend(iterator(i=0:n), depobj: handles[i])"):
                a[0] = a.sum()
            omp("taskwait")
            for i in range(n):
                omp("depobj(handles[i]) destroy")


def test_objects_in_an_array(program):
    for _ in range(5):
        a = np.arange(12.0)
        program(objects_in_an_array, a, np.zeros(12, dtype=np.int64))
        each = [8 * i + 4 for i in range(12)]
        assert a.tolist() == [sum(each), *each[1:]]


def object_of_iterators(a, out):
    n = len(a)
    o = 0  # noqa: F841
    with omp("parallel"):
        with omp("single"):
            omp("depobj(o) depend(iterator(i=0:n), out: a[i])")
            for i in range(n):
                with omp("task depend(out: a[i])"):
                    a[i] = i
            with omp("task depend(depobj: o)"):
                out[0] = a.sum()
            omp("depobj(o) update(in)")
            with omp("task depend(depobj: o) depend(inout: out)"):
                out[0] += 1
            omp("depobj(o) destroy")


def test_an_object_of_iterators(program):
    for _ in range(5):
        a, out = np.zeros(20), np.zeros(1)
        program(object_of_iterators, a, out)
        assert out[0] == 191


def makers(handles):
    with omp("parallel num_threads(4)"):
        me = omp_get_thread_num()
        mine = 0  # noqa: F841
        x = 0
        omp("depobj init(inout(x): mine)")
        for _ in range(10):
            with omp("task shared(x) depend(depobj: mine)"):
                x += 1
        omp("taskwait")
        handles[me] = x
        omp("depobj destroy(mine)")


def test_every_thread_has_its_own_object(team):
    for _ in range(5):
        handles = np.zeros(4, dtype=np.int64)
        team(makers, handles)
        assert handles.tolist() == [10] * 4


def destroyed(n: int):
    x = 0
    o = 0  # noqa: F841
    omp("depobj init(out(x): o)")
    omp("depobj destroy(o)")
    with omp("task depend(depobj: o) shared(x)"):
        x = 1
    return x


def never_made(n: int):
    o = 0  # noqa: F841
    omp("depobj update(in: o)")
    return n


@pytest.mark.parametrize("wrong", [destroyed, never_made])
def test_what_is_no_object_is_an_error(team, wrong):
    with pytest.raises(ValueError, match="no dependence object"):
        team(wrong, 1)


class Holder:
    pass


def objects_anywhere(holder, out):
    with omp("parallel"):
        with omp("single"):
            omp("depobj init(inout(out): holder.object)")
            table = [0, 0]  # noqa: F841
            omp("depobj init(in(out): table[1])")
            for i in range(20):
                with omp("task depend(depobj: holder.object)"):
                    out.append(i)
            with omp("task depend(depobj: table[1])"):
                holder.seen = list(out)
            omp("depobj destroy(table[1])")
            omp("depobj destroy(holder.object)")


def test_objects_in_attributes_and_lists(objects):
    for _ in range(5):
        holder, out = Holder(), []
        objects(objects_anywhere, holder, out)
        assert holder.seen == list(range(20))


def later(a, out):
    with omp("parallel"):
        with omp("single"):
            for i in range(len(a)):
                with omp("task depend(out: a[i])"):
                    a[i] = i
            omp("taskwait depend(in: a) depend(out: out) nowait")
            with omp("task depend(in: out)"):
                out[0] = a.sum()


def test_taskwait_with_nowait_is_an_empty_task(program):
    for _ in range(10):
        a, out = np.zeros(40), np.zeros(1)
        program(later, a, out)
        assert out[0] == 780
