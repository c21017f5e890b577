"""One program, every way: serially, in python mode and in native mode, with several numbers of threads."""

import pytest
from omply import _core, omp, omp_get_max_threads, omp_set_num_threads

TEAMS = [(mode, threads) for mode in ("python", "native") for threads in (1, 2, 4, 17)]


class Program:
    """Called with a function and arguments, runs the function as a program of the way that the test is run in."""

    def __init__(self, mode, threads):
        self.mode = mode
        self.threads = threads
        self.made = {}

    def __call__(self, function, *arguments):
        return self.decorated(function)(*arguments)

    def decorated(self, function):
        if function not in self.made:
            self.made[function] = omp(mode=self.mode)(function)
        return self.made[function]


def way(parameters):
    mode, threads = parameters
    if mode == "native" and not _core.has_native:
        pytest.skip("built without native mode")
    before = omp_get_max_threads()
    omp_set_num_threads(threads)
    yield Program(mode, threads)
    omp_set_num_threads(before)


def name(parameters):
    return f"{parameters[0]}-{parameters[1]}"


@pytest.fixture(params=[("serial", 1), *TEAMS], ids=name)
def program(request):
    """For programs whose result does not depend on the number of threads."""
    yield from way(request.param)


@pytest.fixture(params=TEAMS, ids=name)
def team(request):
    """For programs that look at their team."""
    yield from way(request.param)


@pytest.fixture(params=[1, 2, 4, 17])
def objects(request):
    """For programs over Python objects, which only python mode runs."""
    yield from way(("python", request.param))
