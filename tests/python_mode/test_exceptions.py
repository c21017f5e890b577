"""An exception in a team: the others stop, the team joins, and it is raised in the encountering thread."""

import threading
import traceback

import pytest
from omply import (
    omp,
    omp_get_max_active_levels,
    omp_get_thread_num,
    omp_init_lock,
    omp_set_max_active_levels,
)


def python(function):
    return omp(mode="python")(function)


@python
def fails_in(number, waits):
    with omp("parallel num_threads(4)"):
        if omp_get_thread_num() == number:
            raise KeyError(number)
        if waits:
            omp("barrier")


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("waits", [False, True])
def test_exception_of_any_thread_comes_out(number, waits):
    for _ in range(5):
        with pytest.raises(KeyError) as caught:
            fails_in(number, waits)
        assert caught.value.args == (number,)
        assert any(f"thread {number} of the region" in note for note in caught.value.__notes__)


@python
def all_fail():
    with omp("parallel num_threads(4)"):
        omp("barrier")
        raise ValueError(omp_get_thread_num())


def test_lowest_thread_number_wins_and_the_others_are_told():
    with pytest.raises(ValueError) as caught:
        all_fail()
    notes = "\n".join(caught.value.__notes__)
    assert f"raised by thread {caught.value.args[0]}" in notes
    told = [n for n in range(4) if f"thread {n} raised ValueError: {n}" in notes]
    assert all(n > caught.value.args[0] for n in told)


@python
def stops_others(done):
    with omp("parallel for num_threads(4) schedule(dynamic)"):
        for i in range(1_000_000):
            if i == 50:
                raise RuntimeError("stop")
            done.append(i)


def test_others_stop_at_their_next_chunk():
    done = []
    with pytest.raises(RuntimeError, match="stop"):
        stops_others(done)
    assert len(done) < 1_000_000


@python
def long_static_chunks(count):
    with omp("parallel for num_threads(2)"):
        for i in range(20_000_000):
            count[omp_get_thread_num()] += 1
            if i == 10:
                raise RuntimeError("stop")


def test_others_stop_within_a_long_static_chunk():
    count = [0, 0]
    with pytest.raises(RuntimeError, match="stop"):
        long_static_chunks(count)
    assert count[1] < 10_000_000


@python
def in_critical():
    with omp("parallel num_threads(3)"):
        with omp("critical(shop)"):
            if omp_get_thread_num() == 1:
                raise OSError("shut")


@python
def enters_critical(entered):
    with omp("parallel num_threads(3)"):
        with omp("critical(shop)"):
            entered.append(1)


def test_critical_sections_are_released():
    for _ in range(5):
        with pytest.raises(OSError, match="shut"):
            in_critical()
    entered = []
    enters_critical(entered)
    assert len(entered) == 3


@python
def with_lock(lock):
    with omp("parallel num_threads(3)"):
        with lock:
            raise OSError("locked")


def test_locks_are_released():
    lock = omp_init_lock()
    with pytest.raises(OSError, match="locked"):
        with_lock(lock)
    with lock:
        pass


@python
def in_ordered():
    with omp("parallel for ordered num_threads(3) schedule(static, 1)"):
        for i in range(30):
            with omp("ordered"):
                if i == 13:
                    raise ArithmeticError(i)


def test_ordered_blocks_do_not_hang():
    with pytest.raises(ArithmeticError):
        in_ordered()


@python
def in_single():
    with omp("parallel num_threads(4)"):
        x = 0
        with omp("single copyprivate(x)"):
            raise LookupError("no value")
        return_value = x
        del return_value


def test_copyprivate_does_not_wait_for_ever():
    with pytest.raises(LookupError, match="no value"):
        in_single()


@python
def nested():
    with omp("parallel num_threads(2)"):
        with omp("parallel num_threads(2)"):
            if omp_get_thread_num() == 1:
                raise EOFError("inner")


def test_exception_of_an_inner_team_passes_through_the_outer():
    before = omp_get_max_active_levels()
    omp_set_max_active_levels(2)
    with pytest.raises(EOFError, match="inner"):
        nested()
    omp_set_max_active_levels(before)


@python
def handled_inside(log):
    with omp("parallel num_threads(3)"):
        try:
            if omp_get_thread_num() == 2:
                raise ValueError("mine")
        except ValueError:
            log.append(omp_get_thread_num())
        omp("barrier")


def test_an_exception_handled_inside_disturbs_nobody():
    log = []
    handled_inside(log)
    assert log == [2]


@python
def leaves_finally(log):
    with omp("parallel num_threads(2)"):
        try:
            if omp_get_thread_num() == 1:
                raise ValueError("first")
            omp("barrier")
        finally:
            log.append(omp_get_thread_num())


def test_finally_blocks_of_the_others_run():
    log = []
    with pytest.raises(ValueError):
        leaves_finally(log)
    assert sorted(log) == [0, 1]


def test_region_works_after_failures():
    for _ in range(10):
        with pytest.raises(KeyError):
            fails_in(2, True)
        fails_in(-1, True)


@python
def inner_line():
    with omp("parallel num_threads(2)"):
        if omp_get_thread_num() == 1:
            value = 1
            value / (value - 1)


def test_traceback_shows_the_users_lines():
    with pytest.raises(ZeroDivisionError) as caught:
        inner_line()
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert [frame.line for frame in frames[-2:]] == [
        'with omp("parallel num_threads(2)"):',
        "value / (value - 1)",
    ]
    assert all(frame.filename == __file__ for frame in frames)
    assert frames[-1].name == "<omp parallel>"


def test_traceback_underlines_the_expression():
    with pytest.raises(ZeroDivisionError) as caught:
        inner_line()
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert frame.line[frame.colno - 12 : frame.end_colno - 12] == "value / (value - 1)"


@python
def in_reduction(items):
    s = 0
    with omp("parallel for reduction(+: s)"):
        for item in items:
            s += item
    return s


def test_original_is_kept_when_a_reduction_fails():
    with pytest.raises(TypeError):
        in_reduction([1, 2, "three", 4])


def test_exceptions_in_regions_of_python_threads():
    caught = []

    def run(number):
        try:
            fails_in(number % 4, True)
        except KeyError as error:
            caught.append(error.args[0])

    threads = [threading.Thread(target=run, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(caught) == [0, 0, 1, 1, 2, 2, 3, 3]


@python
def exits():
    with omp("parallel num_threads(2)"):
        if omp_get_thread_num() == 1:
            raise SystemExit(3)


def test_system_exit_is_an_exception_like_others():
    with pytest.raises(SystemExit):
        exits()
