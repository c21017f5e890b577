"""Other compilers for Python, and LLVM's own OpenMP runtime: each fetched from PyPI into a place of its own in the cache."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

USER_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
CACHE = Path(os.environ.get("OMPLY_DEV_CACHE") or USER_CACHE / "omply-dev")

# They never share an environment: importing PyOMP changes what Numba's prange does.
PACKAGES = {"numba": ["numba"], "pyomp": ["pyomp==0.6.0"], "omp4py": ["omp4py==0.1"]}
# Those that compile the programs of `programs.py`.
COMPILERS = ("numba", "pyomp")


def pip(python, *arguments):
    subprocess.run(
        [python, "-m", "pip", "--disable-pip-version-check", *arguments], check=True, stdout=sys.stderr
    )


def python_with(peer):
    """An interpreter that has the peer; makes its environment on first use."""
    folder = CACHE / "peers" / f"{peer}-{sys.version_info[0]}.{sys.version_info[1]}{sys.abiflags}"
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"installing {', '.join(PACKAGES[peer])}", file=sys.stderr, flush=True)
        try:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            pip(python, "install", "-q", *PACKAGES[peer])
        except subprocess.CalledProcessError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return python


def from_wheel(requirement, library, folder):
    """A folder with a shared library that a wheel on PyPI carries; None where it cannot be had.

    The library stands there under both names that programs may have been linked with.
    """
    folder = CACHE / folder
    if (folder / "libomp.so").exists():
        return folder
    with tempfile.TemporaryDirectory() as download:
        try:
            pip(
                sys.executable, "download", "-q", "--no-deps", "--only-binary", ":all:", "--python-version", "3.12",
                "--dest", download, requirement,
            )  # fmt: skip
        except subprocess.CalledProcessError:
            return None
        with zipfile.ZipFile(next(Path(download).glob("*.whl"))) as wheel:
            member = next(name for name in wheel.namelist() if name.endswith(f"/{library}"))
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "libomp.so.5").write_bytes(wheel.read(member))
    (folder / "libomp.so").symlink_to("libomp.so.5")
    return folder


def libomp_folder():
    """The release build of LLVM 22's libomp, which PyPI's pyomp carries: Debian's has checks that slow it down."""
    return from_wheel(PACKAGES["pyomp"][0], "libomp.so", "libomp-22")


def intel_folder():
    """Intel's OpenMP library."""
    return from_wheel("intel-openmp==2026.2.0", "libiomp5.so", "intel-openmp")
