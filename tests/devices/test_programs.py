"""Every program of the files of programs, and every example for devices, on every kind of device. A kind that this machine has not is
named at the end of the run."""

import re

import pytest
from omply import _core

from .conftest import EXAMPLES, EXPECTED, FILES, PLUGINS, run_on

NAMES = [
    (file, name)
    for file in FILES
    for name in re.findall(r"^@program\ndef (\w+)\(", file.read_text(), re.MULTILINE)
]
NAMES += [(FILES[0], f"example_{path.stem}") for path in sorted(EXAMPLES.glob("*.py"))]


@pytest.mark.skipif(not _core.has_native, reason="built without native mode")
@pytest.mark.parametrize(("file", "name"), NAMES, ids=[name for _, name in NAMES])
@pytest.mark.parametrize("plugin", PLUGINS)
def test_program(plugin, file, name, say_at_the_end):
    run = run_on(plugin, file, say_at_the_end)
    if not run.present and plugin not in EXPECTED:
        pytest.skip(f"there is no {plugin} device here")
    assert name in run.results, f"{plugin} ended before {name}:\n{run.output}"
    assert run.results[name] is None, "\n".join(run.results[name])
