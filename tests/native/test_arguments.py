"""What may be passed to native functions, and what is said, or done instead, where something may not."""

import enum
import warnings

import numpy as np
import pytest
from omply import OmplyFallbackWarning, OmplyTypeError, omp


def first(a):
    return a[0]


def writes(a):
    a[0] = 5.0


def reads_one_writes_other(a, b):
    b[0] = a[0]


def read_only(array):
    array.flags.writeable = False
    return array


def test_read_only_arrays_may_be_read():
    native = omp(mode="native")(first)
    assert native(read_only(np.arange(3.0) + 1)) == 1.0
    target = np.zeros(2)
    omp(mode="native")(reads_one_writes_other)(read_only(np.ones(2)), target)
    assert target[0] == 1.0


def test_writing_to_a_read_only_array_is_an_error():
    native = omp(mode="native")(writes)
    with pytest.raises(OmplyTypeError, match="read-only") as caught:
        native(read_only(np.zeros(3)))
    assert caught.value.code == "OMP0590"
    assert caught.value.filename == __file__
    assert caught.value.text.strip() == "a[0] = 5.0"
    fine = np.zeros(3)
    native(fine)
    assert fine[0] == 5.0


def test_writing_to_a_read_only_array_runs_as_python_in_auto_mode():
    function = omp(writes)
    with pytest.warns(OmplyFallbackWarning, match="read-only"), pytest.raises(ValueError, match="read-only"):
        function(read_only(np.zeros(3)))
    with pytest.raises(ValueError, match="read-only"):
        function(read_only(np.zeros(3)))


@pytest.mark.parametrize(
    ("argument", "word"),
    [
        ([1], "list"),
        ("text", "str"),
        ({}, "dict"),
        (object(), "object"),
        (print, "builtin"),
        (2**63, "64 bits"),
        (-(2**63) - 1, "64 bits"),
        (((1, [2]),), "list"),
        (np.array(["x"]), "array"),
        (np.datetime64(1, "s"), "datetime64"),
    ],
)
def test_arguments_without_a_native_form(argument, word):
    native = omp(mode="native")(first)
    for _ in range(2):
        with pytest.raises(OmplyTypeError) as caught:
            native(argument)
        error = caught.value
        assert word in str(error) and "help" in str(error)
        assert error.code == "OMP0590"
        assert (error.filename, error.text.strip()) == (__file__, "def first(a):")
        assert error.lineno == first.__code__.co_firstlineno


def counted(a, n):
    total = 0
    with omp("parallel for reduction(+: total)"):
        for i in range(n):
            total += a[i]
    return total


def test_auto_mode_falls_back_and_warns_once():
    function = omp(counted)
    with pytest.warns(OmplyFallbackWarning) as caught:
        assert function([1, 2, 3], 3) == 6
    assert len(caught) == 1
    assert __file__ in str(caught[0].message) and "list" in str(caught[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert function([1, 2, 3], 2) == 3
        assert function((1, 2, 3), 3) == 6
        assert function(np.array([1, 2, 3]), 3) == 6


def test_auto_mode_does_not_warn_where_native_mode_can():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert omp(counted)(np.arange(4), 4) == 6


def test_auto_mode_raises_what_native_code_raises():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(IndexError, match="index 4 is out of bounds"):
            omp(counted)(np.arange(4), 5)


def uses_strings(n):
    text = "x" * n
    return len(text)


def test_code_without_a_native_form():
    with pytest.raises(OmplyTypeError) as caught:
        omp(mode="native")(uses_strings)(3)
    assert caught.value.text.strip() == 'text = "x" * n'
    assert caught.value.code.startswith("OMP05")
    with pytest.warns(OmplyFallbackWarning):
        assert omp(uses_strings)(3) == 3


def test_big_integers_go_to_python_mode():
    with pytest.warns(OmplyFallbackWarning, match="64 bits"):
        assert omp(double)(2**64) == 2**65


def double(n):
    return n * 2


class MyArray(np.ndarray):
    pass


def test_subclasses_of_arrays_are_not_taken_for_arrays():
    for argument in (np.arange(3).view(MyArray), np.ma.masked_array([1, 2], [0, 1])):
        with pytest.raises(OmplyTypeError, match="Array"):
            omp(mode="native")(first)(argument)


def test_memory_mapped_arrays_are_arrays(tmp_path):
    mapped = np.memmap(tmp_path / "file", np.float64, "w+", shape=(4,))
    omp(mode="native")(writes)(mapped)
    assert mapped.tolist() == [5.0, 0.0, 0.0, 0.0]
    assert omp(mode="native")(identity)(mapped) is mapped


class Colour(enum.IntEnum):
    RED = 3


def test_subclasses_of_numbers_are_numbers():
    assert omp(mode="native")(double)(Colour.RED) == 6


def identity(x):
    return x


@pytest.mark.parametrize(
    "value",
    [
        3,
        -1,
        2.5,
        True,
        False,
        None,
        1j,
        (),
        (1, (2.5, None)),
        np.int8(-3),
        np.uint64(2**64 - 1),
        np.float16(0.5),
        np.float32(1.1),
        np.bool_(True),
        np.complex64(1 + 1j),
        2**63 - 1,
        -(2**63),
        float("nan"),
        -0.0,
    ],
)
def test_values_pass_unchanged(agree, value):
    agree(identity, (value,))


def test_signatures_are_compiled_once():
    from omply import _core

    native = omp(mode="native")(identity)
    for value in (1, 2, 1.5, 2.5, np.zeros(3), np.ones(5), np.zeros((2, 2)), True):
        native(value)
    assert _core.signatures(native) == (5, 0) if hasattr(_core, "signatures") else True


def test_a_native_function_looks_like_its_function():
    native = omp(mode="native")(counted)
    assert (native.__name__, native.__module__, native.__wrapped__) == ("counted", __name__, counted)
    assert native.__qualname__ in repr(native)
