"""`depend`: tasks in the order in which they depend on one another."""

import numpy as np
from omply import omp


def chain(n: int) -> int:
    x = 0
    with omp("parallel"):
        with omp("single"):
            for i in range(n):
                with omp("task shared(x) depend(inout: x)"):
                    x = x * 3 % 1000003 + i
    return x


def expected_chain(n):
    x = 0
    for i in range(n):
        x = x * 3 % 1000003 + i
    return x


def test_a_chain_of_updates(program):
    for _ in range(5):
        assert program(chain, 100) == expected_chain(100)


def readers(n: int) -> int:
    x = 0
    total = 0
    with omp("parallel"):
        with omp("single"):
            for i in range(n):
                with omp("task shared(x) depend(out: x)"):
                    x = i
                for _ in range(3):
                    with omp("task shared(x, total) depend(in: x)"):
                        with omp("atomic"):
                            total += x
    return total


def test_readers_between_writers(program):
    for _ in range(5):
        assert program(readers, 40) == 3 * sum(range(40))


def stages(a):
    with omp("parallel"):
        with omp("single"):
            for i in range(len(a)):
                with omp("task depend(out: a[i])"):
                    a[i] = i
            for i in range(1, len(a)):
                with omp("task depend(in: a[i - 1]) depend(inout: a[i])"):
                    a[i] += a[i - 1]


def test_elements_of_an_array(program):
    for _ in range(5):
        a = np.zeros(60)
        program(stages, a)
        assert (a == np.cumsum(np.arange(60))).all()


def blocks(a, size: int):
    with omp("parallel"):
        with omp("single"):
            for first in range(0, len(a), size):
                with omp("task depend(out: a[first:first + size])"):
                    a[first : first + size] = first
            with omp("task depend(inout: a)"):
                a *= 2.0
            for first in range(0, len(a) - size, size):
                with omp("task depend(inout: a[first + 1:first + size + 1])"):
                    a[first + 1 : first + size + 1] += 1.0


def test_sections_that_overlap(program):
    for _ in range(5):
        a = np.zeros(64)
        program(blocks, a, 8)
        serial = np.zeros(64)
        for first in range(0, 64, 8):
            serial[first : first + 8] = first
        serial *= 2.0
        for first in range(0, 56, 8):
            serial[first + 1 : first + 9] += 1.0
        assert (a == serial).all()


def wavefront(a):
    rows, columns = a.shape
    with omp("parallel"):
        with omp("single"):
            for i in range(1, rows):
                for j in range(1, columns):
                    with omp("task depend(in: a[i - 1, j], a[i, j - 1]) depend(out: a[i, j])"):
                        a[i, j] = a[i - 1, j] + a[i, j - 1]


def test_a_wavefront(program):
    for _ in range(3):
        a = np.ones((12, 12))
        program(wavefront, a)
        serial = np.ones((12, 12))
        for i in range(1, 12):
            for j in range(1, 12):
                serial[i, j] = serial[i - 1, j] + serial[i, j - 1]
        assert (a == serial).all()


def waits_for_one(out):
    x = 0
    y = 0
    with omp("parallel"):
        with omp("single"):
            with omp("task shared(x) depend(out: x)"):
                x = 5
            with omp("task shared(y) depend(out: y)"):
                y = 7
            omp("taskwait depend(in: x)")
            out[0] = x
            omp("taskwait")
            out[1] = y


def test_taskwait_for_a_variable(program):
    for _ in range(10):
        out = np.zeros(2, dtype=np.int64)
        program(waits_for_one, out)
        assert out.tolist() == [5, 7]


def exclusive(n: int) -> int:
    x = 0
    with omp("parallel"):
        with omp("single"):
            for i in range(n):
                with omp("task shared(x) depend(mutexinoutset: x)"):
                    x += i
            with omp("task shared(x) depend(in: x)"):
                x = -x
    return x


def test_mutexinoutset(program):
    for _ in range(5):
        assert program(exclusive, 100) == -sum(range(100))


def undeferred(n: int) -> int:
    x = 0
    with omp("parallel"):
        with omp("single"):
            for i in range(n):
                with omp("task shared(x) depend(out: x)"):
                    x += i
            with omp("task shared(x) depend(in: x) if(False)"):
                x = x * 10
    return x


def test_an_undeferred_task_waits_for_what_it_depends_on(program):
    for _ in range(5):
        assert program(undeferred, 20) == 10 * sum(range(20))


class Cell:
    pass


def attributes(cell, out):
    with omp("parallel"):
        with omp("single"):
            for i in range(20):
                with omp("task depend(inout: cell.value)"):
                    cell.value = cell.value * 2 % 10007 + i
            with omp("task depend(in: cell.value)"):
                out.append(cell.value)


def test_attributes(objects):
    for _ in range(5):
        cell, out = Cell(), []
        cell.value = 1
        objects(attributes, cell, out)
        value = 1
        for i in range(20):
            value = value * 2 % 10007 + i
        assert out == [value]


def items(table, out):
    with omp("parallel"):
        with omp("single"):
            for i in range(30):
                with omp("task depend(inout: table['a'])"):
                    table["a"] = table["a"] * 2 % 10007 + i
            for k in range(5):
                with omp("task depend(out: out[k])"):
                    out[k] = k
            with omp("task depend(inout: out[1:4])"):
                out[1:4] = [value * 10 for value in out[1:4]]
            with omp("task depend(inout: out)"):
                out.append(len(out))


def test_items_of_dictionaries_and_lists(objects):
    for _ in range(5):
        table, out = {"a": 1}, [None] * 5
        objects(items, table, out)
        value = 1
        for i in range(30):
            value = value * 2 % 10007 + i
        assert table == {"a": value}
        assert out == [0, 10, 20, 30, 4, 5]
