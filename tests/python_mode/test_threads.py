"""The threads of a team, as Python sees them."""

import contextvars
import sys
import threading
import time

import pytest
from omply import omp, omp_get_level, omp_get_num_threads, omp_get_thread_num, omp_in_parallel


def python(function):
    return omp(mode="python")(function)


@python
def identities(out):
    with omp("parallel num_threads(3)"):
        out[omp_get_thread_num()] = (threading.get_ident(), threading.current_thread().ident)


def test_every_thread_has_an_identity_and_the_team_is_kept():
    first, second = [None] * 3, [None] * 3
    identities(first)
    identities(second)
    assert len({ident for ident, _ in first}) == 3
    assert all(ident == current for ident, current in first)
    assert first == second


variable = contextvars.ContextVar("variable", default="unset")


@python
def contexts(out):
    with omp("parallel num_threads(3)"):
        out[omp_get_thread_num()] = variable.get()
        if omp_get_thread_num() == 1:
            variable.set("changed")


def test_context_variables_are_the_encountering_threads():
    token = variable.set("given")
    for _ in range(2):
        out = [None] * 3
        contexts(out)
        assert out == ["given"] * 3
    variable.reset(token)


@python
def traced():
    with omp("parallel num_threads(3)"):
        omp("barrier")
        helper()


def helper():
    pass


def test_trace_functions_for_threads_are_called_in_workers():
    seen = []

    def trace(frame, event, argument):
        if frame.f_code is helper.__code__ and event == "call":
            seen.append(threading.get_ident())

    before = threading.gettrace()
    threading.settrace(trace)
    try:
        traced()
    finally:
        threading.settrace(before)
    seen_after = len(seen)
    traced()
    assert len(set(seen)) >= 2
    assert len(seen) == seen_after


@python
def sizes(n):
    out = []
    with omp("parallel num_threads(n)"):
        with omp("critical"):
            out.append((omp_get_num_threads(), omp_get_level(), omp_in_parallel()))
    return out


def test_python_threads_are_initial_threads_of_their_own():
    results = {}

    def run(number):
        results[number] = [sizes(number + 1) for _ in range(10)]

    threads = [threading.Thread(target=run, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(4):
        n = number + 1
        assert results[number] == [[(n, 1, n > 1)] * n] * 10


@python
def sleeps(seconds):
    with omp("parallel num_threads(4)"):
        time.sleep(seconds)


def test_calls_that_release_the_interpreter_overlap():
    start = time.perf_counter()
    sleeps(0.3)
    assert time.perf_counter() - start < 0.9


@python
def critical_between_python_threads(log):
    with omp("critical(between)"):
        log.append(1)
        time.sleep(0.01)
        log.append(-1)


def test_criticals_exclude_python_threads_without_deadlock():
    log = []
    threads = [threading.Thread(target=critical_between_python_threads, args=(log,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert log == [1, -1] * 5


@pytest.mark.skipif(getattr(sys, "_is_gil_enabled", lambda: True)(), reason="needs a free-threaded CPython")
def test_importing_omply_keeps_the_lock_off():
    assert not sys._is_gil_enabled()
