"""`@omp` alone: native where possible, else python mode with one warning."""

import warnings

import pytest
from omply import OmplyFallbackWarning, _core, omp

pytestmark = pytest.mark.skipif(not _core.has_native, reason="built without native mode")


def python_objects(items):
    out = {}
    with omp("parallel for"):
        for item in items:
            with omp("critical"):
                out[item] = len(item)
    return out


def test_a_function_over_objects_runs_in_python_mode_with_one_warning():
    function = omp(python_objects)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert function(["a", "bb"]) == {"a": 1, "bb": 2}
        assert function(("ccc",)) == {"ccc": 3}
    fallbacks = [w for w in seen if w.category is OmplyFallbackWarning]
    assert len(fallbacks) == 1
    message = str(fallbacks[0].message)
    assert message.startswith(f"{__file__}:")
    assert "`python_objects` runs in python mode: " in message
    assert fallbacks[0].filename == __file__


def summed(n):
    s = 0
    with omp("parallel for reduction(+: s)"):
        for i in range(n):
            s += i
    return s


def test_a_typable_function_is_native_without_warning():
    function = omp(summed)
    with warnings.catch_warnings():
        warnings.simplefilter("error", OmplyFallbackWarning)
        assert function(100) == 4950
    assert _core.signatures(function) == (1, 0)


def generated(n):
    s = 0
    with omp("parallel for reduction(+: s)"):
        for i in range(n):
            s += i
    yield s


def test_generators_run_in_python_mode():
    with pytest.warns(
        OmplyFallbackWarning, match="`generated` runs in python mode: the function is a generator"
    ):
        function = omp(generated)
    assert list(function(10)) == [45]


def test_native_mode_refuses_what_it_cannot_type():
    function = omp(mode="native")(python_objects)
    with pytest.raises(TypeError, match="OMP05"):
        function(["a"])
