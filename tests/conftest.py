"""What all tests share: programs that run in every mode through one fixture, and an object cache of the test run's own."""

import os
import signal
import subprocess
import sys
import tempfile

import pytest

# Set before `omply` is imported anywhere: tests must not see what an earlier build left in the user's cache. A run of the
# tests on several Python versions gives them one cache: what the first compiles, the others load.
_cache = tempfile.TemporaryDirectory(prefix="omply-test-cache-")
os.environ["OMPLY_CACHE_DIR"] = os.environ.get("OMPLY_TEST_CACHE_DIR") or _cache.name
os.environ.pop("OMPLY_MODE", None)
os.environ["OMP_CANCELLATION"] = "true"
# Where the tests run in the background, interrupts may be ignored, and the programs they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


_LAST_LINES = pytest.StashKey()


def pytest_configure(config):
    config.stash[_LAST_LINES] = []


@pytest.fixture(scope="session")
def say_at_the_end(pytestconfig):
    """`say_at_the_end(line)`: what the run's last lines are to say, also where several processes share the tests."""
    return pytestconfig.stash[_LAST_LINES].append


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["last_lines"] = session.config.stash[_LAST_LINES]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    node.config.stash[_LAST_LINES] += getattr(node, "workeroutput", {}).get("last_lines", [])


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter, config):
    if config.stash[_LAST_LINES]:
        terminalreporter.section("devices")
    for line in config.stash[_LAST_LINES]:
        terminalreporter.write_line(line)


@pytest.fixture(params=["python", "native"])
def mode(request):
    """The parallel modes. A test that takes it decorates with `@omp(mode=mode)` and runs once in each."""
    return request.param


@pytest.fixture
def run_program(tmp_path):
    """Runs a program text in a fresh interpreter: `run_program(text, OMP_NUM_THREADS=2)` gives its CompletedProcess.

    For what must not happen in the interpreter that runs the tests: signals, forks, ends of processes, settings that are
    read once. Variables are set in its environment, or removed where they are None.
    """

    def run(text, *arguments, timeout=60, **variables):
        path = tmp_path / "program.py"
        path.write_text(text)
        environment = {**os.environ, **{name: str(value) for name, value in variables.items()}}
        for name, value in variables.items():
            if value is None:
                del environment[name]
        return subprocess.run(
            [sys.executable, str(path), *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=timeout,
            env=environment,
        )

    return run
