"""Runs a program serially, in python mode and in native mode, and says how the results differ."""

import linecache
import random
import warnings

import numpy as np
from omply import omp, omp_get_max_threads, omp_set_max_active_levels, omp_set_num_threads

from .names import EXTENTS, PARAMETERS

MODES = ("python", "native")


def arguments(seed, number=0):
    """The arguments of a program's call of that number, made anew each time; their types are those of the program's other calls."""
    layouts = random.Random(seed)
    seed = seed * 100 + number
    choose = random.Random(seed)
    values = np.random.default_rng(seed)
    sizes = {
        "n": choose.choice([1, 7, 16, 33]),
        "p": choose.choice([1, 3, 8]),
        "q": choose.choice([1, 4, 9]),
        "l": 5,
    }
    made = []
    for name, variable in PARAMETERS.items():
        if variable.shape:
            shape = tuple(sizes[extent] for extent in variable.shape)
            if variable.kind == "bool":
                array = values.integers(0, 2, shape) == 1
            elif variable.kind == "int":
                array = values.integers(0 if variable.dtype == "uint8" else -50, 50, shape)
            elif variable.kind == "float":
                array = values.integers(-64, 64, shape) / 8
            else:
                array = values.integers(-64, 64, shape) / 8 + 1j * values.integers(-64, 64, shape)
            array = array.astype(variable.dtype)
            layout = layouts.choice((0, 0, 0, 1, 2, 3))
            if layout == 1:
                array = np.repeat(array, 2, axis=-1)[..., ::2]
            elif layout == 2:
                array = array[::-1].copy()[::-1]
            elif layout == 3:
                array = np.asfortranarray(array)
            made.append(array)
        elif name in EXTENTS:
            made.append(sizes[name])
        else:
            made.append(
                {"k": choose.randint(0, 4), "x": 1.5, "y": -2.25, "flag": choose.random() < 0.5}[name]
            )
    return made


def outcome(function, seed, number):
    """What a call gives: the result and the arrays it was given; or the exception."""
    given = arguments(seed, number)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = function(*given)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    arrays = [value for value in given if isinstance(value, np.ndarray)]
    return [*result, *arrays]


def same(one, two):
    if isinstance(one, np.ndarray):
        return np.array_equal(one, two, equal_nan=one.dtype.kind in "fc")
    return type(one) is type(two) and one == two


def difference(expected, got):
    """Says how two outcomes differ, or None."""
    if isinstance(expected, str) or isinstance(got, str):
        return f"expected {expected}\n     got {got}"
    arrays = [name for name, variable in PARAMETERS.items() if variable.shape]
    names = [f"result {number}" for number in range(len(expected) - len(arrays))] + arrays
    for name, one, two in zip(names, expected, got, strict=True):
        if not same(one, two):
            return f"{name}: expected {one!r}\n     got {two!r}"
    return None


def load(text, name):
    """The program's function, not decorated."""
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    scope = {"__name__": name}
    exec(compile(text, name, "exec"), scope)
    return scope["program"]


def compare(text, seed, inputs=2, teams=None, repeat=1, modes=MODES):
    """Runs a program every way; says how a parallel result differs from the serial one, or None."""
    name = f"<program {seed}>"
    before = omp_get_max_threads()
    choose = random.Random(seed)
    try:
        serial = load(text, name)
        parallel = {
            mode: omp(mode=mode, **({"contract": False} if mode == "native" else {}))(serial)
            for mode in modes
        }
        for number in range(inputs):
            expected = outcome(serial, seed, number)
            if isinstance(expected, str):
                return f"serial, input {number}: {expected}"
            for mode, function in parallel.items():
                for threads in teams or (choose.choice((1, 2, 2, 3, 4, 7)),):
                    for _ in range(repeat):
                        omp_set_num_threads(threads)
                        omp_set_max_active_levels(choose.choice((1, 2, 3)))
                        if found := difference(expected, outcome(function, seed, number)):
                            return f"{mode}, input {number}, {threads} threads: {found}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        linecache.cache.pop(name, None)
        omp_set_num_threads(before)
        omp_set_max_active_levels(1)
    return None
