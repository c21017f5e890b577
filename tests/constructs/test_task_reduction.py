"""`task_reduction` on `taskgroup`, `in_reduction` on `task` and `taskloop`: parts of tasks come together in the group's variables."""

import numpy as np
import pytest
from omply import omp, omp_fulfill_event


def summed(a):
    s = 100
    with omp("parallel shared(s)"):
        with omp("single"):
            with omp("taskgroup task_reduction(+: s)"):
                for i in range(len(a)):
                    with omp("task in_reduction(+: s)"):
                        s += a[i]
    return s


def test_tasks_sum_into_the_variable_of_their_group(program):
    a = np.arange(200)
    assert program(summed, a) == 100 + a.sum()


def several(n):
    total = 1.5
    most = -1
    every = True
    with omp("parallel shared(total, most, every)"):
        with omp("single"):
            with omp(
                "taskgroup task_reduction(+: total) task_reduction(max: most) task_reduction(and: every)"
            ):
                for i in range(n):
                    with omp("task in_reduction(+: total) in_reduction(max: most) in_reduction(and: every)"):
                        total += 0.5
                        most = max(most, (i * 37) % n)
                        every = every and i >= 0
                for i in range(n):
                    with omp("task in_reduction(+: total)"):
                        total += 0.25
    return total, most, every


def test_several_items_and_several_constructs(program):
    assert program(several, 64) == (1.5 + 32 + 16, 63, True)


def histogram(values, bins):
    counts = np.zeros(bins, dtype=np.int64)
    with omp("parallel"):
        with omp("single"):
            with omp("taskgroup task_reduction(+: counts)"):
                for start in range(0, len(values), 25):
                    with omp("task in_reduction(+: counts)"):
                        for i in range(start, min(start + 25, len(values))):
                            counts[values[i]] += 1
                with omp("task in_reduction(+: counts)"):
                    counts[0] += 1000
    return counts


def test_an_array_is_reduced_elementwise(program):
    values = (np.arange(1000) * 7919) % 16
    expected = np.bincount(values, minlength=16)
    expected[0] += 1000
    assert (program(histogram, values, 16) == expected).all()


def loops(a):
    s = 0
    with omp("parallel shared(s)"):
        with omp("single"):
            with omp("taskgroup task_reduction(+: s)"):
                with omp("taskloop in_reduction(+: s) grainsize(10)"):
                    for i in range(len(a)):
                        s += a[i]
                for i in range(len(a)):
                    with omp("task in_reduction(+: s)"):
                        s += a[i]
    return s


def test_taskloops_take_part(program):
    a = np.arange(300)
    assert program(loops, a) == 2 * a.sum()


def nested(n):
    s = 0
    with omp("parallel shared(s)"):
        with omp("single"):
            with omp("taskgroup task_reduction(+: s)"):
                for i in range(n):
                    with omp("task shared(s)"):
                        for k in range(3):
                            with omp("task in_reduction(+: s)"):
                                s += i * 10 + k
    return s


def test_descendants_take_part(program):
    assert program(nested, 40) == sum(i * 10 + k for i in range(40) for k in range(3))


def late(n):
    s = 0
    most = -1
    event = 0
    x = 0  # noqa: F841
    with omp("parallel shared(s, most)"):
        with omp("single"):
            with omp("taskgroup task_reduction(+: s) task_reduction(max: most)"):
                with omp("task detach(event) depend(out: x)"):
                    pass
                with omp("task depend(in: x) in_reduction(+: s) in_reduction(max: most)"):
                    s += 1
                    most = max(most, n)
                with omp("task in_reduction(+: s)"):
                    s += 10
                omp_fulfill_event(event)
    return s, most


def test_a_task_that_runs_late_combines_what_its_own_construct_says(program):
    assert program(late, 7) == (11, 7)


def outside(n):
    s = 0
    with omp("taskgroup"):
        with omp("task in_reduction(+: s)"):
            s += n
    return s


def other_operator(n):
    s = 0
    with omp("taskgroup task_reduction(*: s)"):
        with omp("task in_reduction(+: s)"):
            s += n
    return s


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (outside, "no `taskgroup` around this reduces `s`"),
        (other_operator, "`s` is reduced with another operator by the group"),
    ],
)
def test_a_task_needs_a_matching_group(function, message):
    with pytest.raises(SyntaxError, match=message):
        omp(function)
