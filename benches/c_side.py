"""The C side of the comparisons: finds compilers, builds `benches/c` into a shared library, calls its functions."""

import ctypes
import shutil
import subprocess
from pathlib import Path

import numpy as np

SOURCES = sorted((Path(__file__).resolve().parent / "c").glob("*.c"))
FLAGS = ["-O3", "-march=native", "-fopenmp"]


def compilers():
    """The C compilers with OpenMP found here: {"clang": command, "gcc": command}, each absent where there is none."""
    found = {}
    for kind, names in {"clang": ["clang-22", "clang"], "gcc": ["gcc", "cc"]}.items():
        for name in names:
            if shutil.which(name) and kind not in found and has_openmp(name):
                found[kind] = name
    return found


def has_openmp(compiler):
    test = [compiler, "-fopenmp", "-shared", "-fPIC", "-x", "c", "-", "-o", "/dev/null"]
    program = "#include <omp.h>\nint threads(void) { return omp_get_max_threads(); }\n"
    return subprocess.run(test, input=program, text=True, capture_output=True).returncode == 0


def version(compiler):
    return subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout.split("\n")[0]


def build(compiler, library):
    """Compiles all programs into one shared library, unless it is newer than its sources."""
    if library.exists() and library.stat().st_mtime > max(source.stat().st_mtime for source in SOURCES):
        return library
    library.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([compiler, *FLAGS, "-shared", "-fPIC", *SOURCES, "-o", library], check=True)
    return library


def load(library, programs):
    """The functions of a library as callables with the arguments of `programs`."""
    handle = ctypes.CDLL(str(library))
    return {name: callable_for(getattr(handle, name), program) for name, program in programs.items()}


def callable_for(function, program):
    function.restype = ctypes.c_double if program.returns_float else None

    def call(*arguments):
        passed = []
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                passed.append(ctypes.c_void_p(argument.ctypes.data))
                passed.extend(map(ctypes.c_long, argument.shape))
            elif isinstance(argument, float):
                passed.append(ctypes.c_double(argument))
            else:
                passed.append(ctypes.c_long(argument))
        return function(*passed)

    return call
