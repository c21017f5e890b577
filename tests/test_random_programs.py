"""Random programs give the same results serially, in python mode and in native mode. `make compare` runs more of them."""

import pathlib
import sys

import pytest

FOLDER = str(pathlib.Path(__file__).parent)
PROGRAMS, GROUPS = 240, 20


@pytest.fixture(scope="module")
def programs():
    """The generator and the comparison."""
    sys.path.insert(0, FOLDER)
    from random_programs import choices, comparison, generator

    sys.path.remove(FOLDER)
    return choices, comparison, generator


@pytest.mark.filterwarnings("ignore::omply.OmplyWarning")
@pytest.mark.parametrize("group", range(GROUPS))
def test_random_programs_agree_with_the_serial_one(programs, group):
    _, comparison, generator = programs
    for seed in range(group, PROGRAMS, GROUPS):
        text, _ = generator.generate(seed)
        found = comparison.compare(text, seed)
        assert found is None, f"seed {seed}: {found}\n{text}"


def test_a_seed_gives_one_program(programs):
    _, _, generator = programs
    text, numbers = generator.generate(11)
    assert generator.generate(11) == (text, numbers)
    assert generator.generate(numbers=numbers)[0] == text


def test_a_failing_program_is_made_smaller(programs):
    choices, _, generator = programs

    def fails(text):
        return "schedule(dynamic" in text

    seed = next(seed for seed in range(1000) if fails(generator.generate(seed)[0]))
    text, numbers = generator.generate(seed)
    smaller = choices.smallest(numbers, lambda given: generator.generate(numbers=given), fails)
    assert fails(smaller)
    assert smaller.count("with omp(") <= 2
    assert len(smaller) < len(text)


def test_a_program_with_a_race_is_found(programs):
    _, comparison, generator = programs
    text, _ = generator.generate(numbers=[])
    racing = text.replace(
        "    return",
        "    with omp('parallel num_threads(4)'):\n        s += 1\n    return",
    )
    assert comparison.compare(text, 0) is None
    for mode in comparison.MODES:
        assert comparison.compare(racing, 0, modes=(mode,)).startswith(f"{mode}, input 0")
