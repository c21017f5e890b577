"""Random programs agree with CPython; `differential.py` makes them, and runs more of them on request."""

import importlib.util
import pathlib

import pytest
from omply import omp_get_max_threads, omp_set_num_threads

spec = importlib.util.spec_from_file_location(
    "differential", pathlib.Path(__file__).with_name("differential.py")
)
differential = importlib.util.module_from_spec(spec)
spec.loader.exec_module(differential)

PROGRAMS, GROUPS = 96, 12


@pytest.mark.filterwarnings("ignore::omply.OmplyWarning")
@pytest.mark.parametrize("group", range(GROUPS))
def test_random_programs_agree_with_cpython(group):
    before = omp_get_max_threads()
    try:
        for seed in range(group, PROGRAMS, GROUPS):
            found = differential.check(seed, inputs=3)
            assert found is None, "\n".join(found)
    finally:
        omp_set_num_threads(before)
