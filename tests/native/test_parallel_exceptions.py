"""Exceptions inside native parallel regions: the region joins, the right error arrives, and the runtime goes on."""

import traceback

import numpy as np
import pytest
from omply import omp, omp_get_thread_num


@omp(mode="native")
def healthy(n):
    total = 0
    with omp("parallel for reduction(+: total)"):
        for i in range(n):
            total += i
    return total


@pytest.fixture(autouse=True)
def runtime_goes_on():
    yield
    assert healthy(1000) == 499500


def caught_from(function, *arguments, kind=IndexError):
    with pytest.raises(kind) as caught:
        function(*arguments)
    return caught.value


@omp(mode="native")
def one_of_many(a, bad):
    with omp("parallel for"):
        for i in range(1000):
            a[i if i != bad else 5000] = i


@pytest.mark.parametrize("bad", [0, 1, 499, 500, 999])
def test_one_bad_iteration(threads, bad):
    error = caught_from(one_of_many, np.zeros(1000), bad)
    assert str(error) == "index 5000 is out of bounds for axis 0 with size 1000"
    last = traceback.extract_tb(error.__traceback__)[-1]
    assert (last.filename, last.line) == (__file__, "a[i if i != bad else 5000] = i")


@omp(mode="native")
def thread_of_choice(bad):
    with omp("parallel num_threads(4)"):
        if omp_get_thread_num() == bad:
            raise ValueError("mine")


@pytest.mark.parametrize("bad", range(4))
def test_a_note_names_the_thread(bad):
    error = caught_from(thread_of_choice, bad, kind=ValueError)
    assert str(error) == "mine"
    assert f"thread {bad}" in " ".join(error.__notes__)


@omp(mode="native")
def every_thread():
    with omp("parallel num_threads(4)"):
        with omp("barrier"):
            pass
        raise ValueError("all of us")


def test_of_several_the_lowest_thread_is_raised():
    for _ in range(20):
        error = caught_from(every_thread, kind=ValueError)
        assert any("thread" in note for note in error.__notes__)


@omp(mode="native")
def before_barrier(a, bad):
    with omp("parallel num_threads(4)"):
        if omp_get_thread_num() == bad:
            a[99] = 1.0
        omp("barrier")
        a[omp_get_thread_num()] = 2.0


@pytest.mark.parametrize("bad", range(4))
def test_others_wait_at_a_barrier(bad):
    caught_from(before_barrier, np.zeros(4), bad)


@omp(mode="native")
def in_critical(a, n):
    with omp("parallel for schedule(dynamic)"):
        for i in range(n):
            with omp("critical(area)"):
                a[i] += 1.0


def test_in_a_critical_region(threads):
    for _ in range(10):
        caught_from(in_critical, np.zeros(50), 100)
    a = np.zeros(50)
    in_critical(a, 50)
    assert a.sum() == 50


@omp(mode="native")
def nested(a, bad):
    with omp("parallel num_threads(2)"):
        outer = omp_get_thread_num()
        with omp("parallel num_threads(2)"):
            inner = omp_get_thread_num()
            if outer * 2 + inner == bad:
                a[50] = 1.0
            a[outer * 2 + inner] = 1.0


@pytest.mark.parametrize("bad", range(4))
def test_in_nested_regions(bad):
    from omply import omp_get_max_active_levels, omp_set_max_active_levels

    before = omp_get_max_active_levels()
    omp_set_max_active_levels(2)
    try:
        caught_from(nested, np.zeros(4), bad)
        a = np.zeros(4)
        nested(a, 9)
        assert a.sum() == 4
    finally:
        omp_set_max_active_levels(before)


@omp(mode="native")
def ordered(a, bad):
    with omp("parallel for ordered schedule(dynamic)"):
        for i in range(40):
            if i == bad:
                a[100] = 1
            with omp("ordered"):
                a[i] = a[i - 1] + 1


@omp(mode="native")
def inside_ordered(a, bad):
    with omp("parallel for ordered schedule(static, 1)"):
        for i in range(40):
            with omp("ordered"):
                a[i if i != bad else 100] = i


@pytest.mark.parametrize("bad", [0, 1, 17, 39])
@pytest.mark.parametrize("function", [ordered, inside_ordered])
def test_with_ordered(threads, function, bad):
    caught_from(function, np.zeros(40, int), bad)
    function(np.zeros(40, int), -1)


@omp(mode="native")
def in_single(a):
    x = 0.0
    with omp("parallel num_threads(4) firstprivate(x)"):
        with omp("single copyprivate(x)"):
            x = a[10]
        a[0] = x


def test_in_single_with_copyprivate():
    for _ in range(20):
        caught_from(in_single, np.zeros(10))
    in_single(np.zeros(11))


@omp(mode="native")
def in_sections(a):
    with omp("parallel sections num_threads(3)"):
        with omp("section"):
            a[0] = 1.0
        with omp("section"):
            a[10] = 1.0
        with omp("section"):
            a[2] = 1.0


def test_in_sections():
    caught_from(in_sections, np.zeros(3))


@omp(mode="native")
def in_masked(a):
    with omp("parallel num_threads(4)"):
        with omp("masked"):
            a[10] = 1.0
        omp("barrier")


def test_in_masked():
    caught_from(in_masked, np.zeros(3))


@omp(mode="native")
def in_reduction(a, n):
    total = 0
    with omp("parallel for reduction(+: total) schedule(guided)"):
        for i in range(n):
            total += 100 // int(a[i])
    return total


def test_in_a_reduction(threads):
    a = np.ones(100, int)
    a[77] = 0
    caught_from(in_reduction, a, 100, kind=ZeroDivisionError)


@omp(mode="native")
def callee(a, i):
    return a[i]


@omp(mode="native")
def in_a_call(a, n):
    total = 0.0
    with omp("parallel for reduction(+: total)"):
        for i in range(n):
            total += callee(a, i)
    return total


def test_in_a_called_function(threads):
    error = caught_from(in_a_call, np.zeros(10), 20)
    assert traceback.extract_tb(error.__traceback__)[-1].name == "callee"


@pytest.mark.parametrize("schedule", ["static", "static, 2", "dynamic", "guided", "auto"])
@pytest.mark.parametrize("nowait", ["", "nowait"])
def test_under_every_schedule(threads, from_text, schedule, nowait):
    function = omp(mode="native")(
        from_text(
            f'def f(a):\n    with omp("parallel"):\n        with omp("for schedule({schedule}) {nowait}"):\n'
            f'            for i in range(100):\n                a[i] = 1.0\n        with omp("for"):\n'
            f"            for i in range(10):\n                a[i] = 2.0\n"
        )
    )
    caught_from(function, np.zeros(60))
    function(np.zeros(100))


def test_an_error_within_python_mode_arrives_there(threads):
    @omp(mode="python")
    def outer(a):
        with omp("parallel num_threads(2)"):
            callee(a, 50)

    caught_from(outer, np.zeros(3))


def test_errors_from_many_python_threads_at_once():
    from concurrent.futures import ThreadPoolExecutor

    def work(i):
        if i % 3:
            return healthy(i) == i * (i - 1) // 2
        error = caught_from(one_of_many, np.zeros(1000), i)
        return "5000" in str(error)

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(work, range(120)))
