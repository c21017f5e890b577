"""The Python programs in the documentation run as they stand there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def programs():
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for number, text in enumerate(BLOCK.findall(page.read_text()), 1):
            yield pytest.param(text, id=f"{page.stem}-{number}")


@pytest.mark.parametrize("text", list(programs()))
def test_program_in_the_documentation_runs(text, run_program):
    run = run_program(text, OMP_NUM_THREADS=2)
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""


def test_links_between_documents_lead_somewhere():
    pages = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "benches/README.md")]
    pages += sorted((ROOT / "docs").glob("*.md"))
    for page in pages:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?(?: \"[^)\"]*\")?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_tests_that_the_binding_names_exist():
    named = re.findall(r"`([\w/]+\.py)`", (ROOT / "docs" / "binding.md").read_text())
    assert len(named) > 10
    for name in named:
        assert (ROOT / "tests" / name).exists(), name
