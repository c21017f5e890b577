"""Builds Omply into one virtual environment per Python version, and runs things there.

    environment.py list                          the interpreters found
    environment.py ready  [WHICH]                makes the environments ready; prints their interpreters
    environment.py run    [WHICH] -- ARGUMENT... runs `python ARGUMENT...` in each
    environment.py wheel  [WHICH]                builds wheels to give away, into out/wheels
    environment.py tools                         makes only the build tools ready
    environment.py devices                       makes ready what tests of devices use; prints it as variables for a shell

WHICH is a version such as 3.12 or 3.13t, `default` (the interpreter that runs this file) or `all`.

Environments stand in `.venv/VERSION`, build tools in `.venv/tools`. Each environment remembers the hashes of what was put
into it, so that nothing is done where nothing changed. Wheels are kept, under the hash of what they were built from, in a
cache that outlives checkouts ($OMPLY_DEV_CACHE, else a folder in the user's cache directory).
"""

import argparse
import glob
import hashlib
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".venv"
TOOLS = ENVIRONMENTS / "tools"
USER_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
CACHE = Path(os.environ.get("OMPLY_DEV_CACHE") or USER_CACHE / "omply-dev")
FREE_THREADED = "3.13t"
NEWEST = (3, 14)
WHEELS_KEPT = 12

# Run by each candidate: prints its version as Omply names it, and where it is.
PROBE = """
import sys, sysconfig
if sys.implementation.name != "cpython": sys.exit(1)
print(f"{sys.version_info[0]}.{sys.version_info[1]}{'t' if sysconfig.get_config_var('Py_GIL_DISABLED') else ''}")
print(sys.executable)
"""


def say(text):
    print(f"[setup] {text}", file=sys.stderr, flush=True)


def this_version():
    free_threaded = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
    return f"{sys.version_info[0]}.{sys.version_info[1]}{free_threaded}"


def version_key(version):
    major, minor = version.rstrip("t").split(".")
    return int(major), int(minor), version.endswith("t")


def probe(executable):
    """The version and real place of an interpreter, or None if it does not run or is not one for Omply."""
    try:
        run = subprocess.run([executable, "-c", PROBE], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if run.returncode != 0:
        return None
    version, place = run.stdout.split()
    return (version, place) if (3, 11) <= version_key(version)[:2] <= NEWEST else None


def interpreters():
    """Every supported version found: on PATH, among pyenv's, in the cache. The first found of a version is taken."""
    names = [f"python3.{minor}{suffix}" for minor in range(11, NEWEST[1] + 1) for suffix in ("", "t")]
    pyenv = os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv"
    candidates = [sys.executable]
    # A version manager's shims are slow to ask and name nothing that is not among its versions.
    candidates += [found for found in map(shutil.which, names) if found and "/shims/" not in found]
    candidates += sorted(glob.glob(f"{pyenv}/versions/3.1[1-9]*/bin/python3"), reverse=True)
    candidates.append(str(CACHE / f"python{FREE_THREADED}" / "bin" / f"python{FREE_THREADED}"))
    found = {}
    for candidate in candidates:
        if known := probe(candidate):
            found.setdefault(*known)
    return dict(sorted(found.items(), key=lambda item: version_key(item[0])))


def build_free_threaded():
    """Builds the free-threaded interpreter, which no distribution packages. False where that cannot be done."""
    prefix = CACHE / f"python{FREE_THREADED}"
    run = subprocess.run([ROOT / "scripts" / f"install-python{FREE_THREADED}", prefix], stdout=sys.stderr)
    if run.returncode != 0:
        say(f"no free-threaded Python {FREE_THREADED} here: going on without it")
    return run.returncode == 0


def files_below(folder, skip):
    """All files below a folder, in a fixed order, without those below a directory named in `skip`."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not skip.intersection(path.relative_to(folder).parts):
            yield path


def hash_of(paths, *extra):
    digest = hashlib.sha256(repr(extra).encode())
    for path in paths:
        digest.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def rust_hash():
    folders = files_below(ROOT / "crates", skip={"tests", "benches", "examples", "target"})
    sources = [path for path in folders if path.suffix not in {".md", ".snap"}]
    top = [ROOT / name for name in ("Cargo.toml", "Cargo.lock", "pyproject.toml")]
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True, cwd=ROOT)
    return hash_of([*sources, *top], rustc.stdout, os.environ.get("LLVM_CONFIG"))


def python_files():
    package = ROOT / "python" / "omply"
    return [path for path in files_below(package, skip={"__pycache__"}) if path.suffix not in {".so", ".pyc"}]


def requirements(group):
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"][group]


def call(*command):
    """Runs a step of the set-up; its output is progress, and its failure ends the set-up without a traceback."""
    command = [str(word) for word in command]
    run = subprocess.run(command, stdout=sys.stderr, cwd=ROOT)
    if run.returncode != 0:
        sys.exit(f"[setup] failed ({run.returncode}): {' '.join(command)}")


class Environment:
    """One virtual environment, with the hashes of what it holds."""

    def __init__(self, name, interpreter):
        self.name = name
        self.interpreter = interpreter
        self.folder = ENVIRONMENTS / name
        self.python = self.folder / "bin" / "python"
        self.stamp = self.folder / "omply-stamp.json"
        self.holds = json.loads(self.stamp.read_text()) if self.stamp.exists() else {}

    def note(self, **holds):
        self.holds.update(holds)
        self.stamp.write_text(json.dumps(self.holds))

    def install(self, group):
        """Creates the environment and installs a group of packages from PyPI."""
        wanted = [self.interpreter, *requirements(group)]
        if self.holds.get("packages") == wanted:
            return
        say(f"{self.name}: installing {', '.join(wanted[1:])}")
        call(self.interpreter, "-m", "venv", "--clear", self.folder)
        self.holds = {}
        call(
            self.python,
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            "--only-binary",
            "numpy",
            *wanted[1:],
        )
        self.note(packages=wanted)

    def install_omply(self, rust, python):
        """Installs the wheel for this state of the sources, building it where no earlier build left it."""
        if self.holds.get("rust") != rust:
            wheel = kept_wheel(self, rust)
            say(f"{self.name}: installing {wheel.name}")
            call(
                self.python,
                "-m",
                "pip",
                "install",
                "-q",
                "--disable-pip-version-check",
                "--no-deps",
                "--force-reinstall",
                wheel,
            )
            self.note(rust=rust, python=None)
        if self.holds.get("python") != python:
            # Copied rather than packed anew: building the wheel of another Python version compiles PyO3 again.
            package = Path(
                subprocess.check_output(
                    [self.python, "-c", "import sysconfig; print(sysconfig.get_path('platlib'))"], text=True
                ).strip(),
                "omply",
            )
            for old in files_below(package, skip=set()):
                if old.suffix != ".so":
                    old.unlink()
            for path in python_files():
                target = package / path.relative_to(ROOT / "python" / "omply")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
            self.note(python=python)


def kept_wheel(environment, rust):
    """The wheel built from these Rust sources for this Python, from the cache or built now."""
    shelf = CACHE / "wheels"
    folder = shelf / f"{rust}-{environment.name}"
    if not list(folder.glob("*.whl")):
        say(f"{environment.name}: building the extension (release mode)")
        fresh = shelf / f"building-{os.getpid()}"
        build_wheel(environment.interpreter, fresh, "--compatibility", "linux")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    os.utime(folder)
    by_age = sorted(shelf.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in by_age[WHEELS_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return next(folder.glob("*.whl"))


def build_wheel(interpreter, folder, *options):
    maturin = TOOLS / "bin" / "maturin"
    call(maturin, "build", "--release", "--interpreter", interpreter, "--out", folder, *options)


def chosen(which):
    """The interpreters that WHICH names, as (version, place)."""
    if which == "default":
        return [(this_version(), sys.executable)]
    found = interpreters()
    if which in ("all", FREE_THREADED) and FREE_THREADED not in found and build_free_threaded():
        found = interpreters()
    if which == "all":
        return list(found.items())
    if which not in found:
        sys.exit(f"[setup] no Python {which} found; there are: {', '.join(found)}")
    return [(which, found[which])]


def ready(which):
    Environment("tools", sys.executable).install("tools")
    rust, python = rust_hash(), hash_of(python_files())
    environments = [Environment(version, place) for version, place in chosen(which)]
    for environment in environments:
        environment.install("test")
        environment.install_omply(rust, python)
    return environments


def apart(group, what, wanted):
    """A file of a package that only tests of devices use, or None where there is none to be had. It stands apart from the
    environments, because nothing of Omply's depends on it."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return None
    folder, wants = CACHE / group, requirements(group)
    # Written last, so that a folder that was begun, or made for other requirements, is made anew.
    holds = folder / "requirements"
    if not (holds.exists() and holds.read_text() == "\n".join(wants)):
        say(f"installing {what} (for tests; kept in the cache)")
        pip = [folder / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        for command in [[sys.executable, "-m", "venv", "--clear", folder], [*pip, *wants]]:
            if subprocess.run([str(word) for word in command], stdout=sys.stderr).returncode != 0:
                say(f"{what} could not be installed: its tests do not run")
                return None
        holds.write_text("\n".join(wants))
    return next(folder.glob(wanted), None)


def device_tools():
    """What the tests of devices use where there is no device, as environment variables: a driver that runs OpenCL kernels on the
    processors, and NVIDIA's assembler with its library of mathematical functions. Those that are set already stay."""
    tools = {
        name: os.environ.get(name) for name in ("OMPLY_OPENCL_LIBRARY", "OMPLY_PTXAS", "OMPLY_LIBDEVICE")
    }
    if not tools["OMPLY_OPENCL_LIBRARY"]:
        tools["OMPLY_OPENCL_LIBRARY"] = apart("opencl", "a driver for OpenCL", "lib/libintelocl.so")
    if not tools["OMPLY_PTXAS"]:
        tools["OMPLY_PTXAS"] = apart(
            "ptxas", "NVIDIA's assembler", "lib/python*/site-packages/nvidia/cuda_nvcc/bin/ptxas"
        )
    if not tools["OMPLY_LIBDEVICE"] and tools["OMPLY_PTXAS"]:
        library = Path(tools["OMPLY_PTXAS"]).parent.parent / "nvvm" / "libdevice" / "libdevice.10.bc"
        tools["OMPLY_LIBDEVICE"] = library if library.exists() else None
    return {name: str(place) for name, place in tools.items() if place}


def run_in(environments, arguments, cache):
    """Runs the same thing in each environment; at the end repeats the last line that each printed. Fails if one failed.

    Tests that run there share an object cache, so that what is compiled alike is compiled once.
    """
    endings, status = [], 0
    for environment in environments:
        print(f"\n=== Python {environment.name}: {' '.join(arguments)}", flush=True)
        process = subprocess.Popen(
            [environment.python, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            errors="replace",
            env={**os.environ, "OMPLY_TEST_CACHE_DIR": cache},
        )
        last = ""
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.rstrip() or last
        failed = process.wait()
        status = status or failed
        endings.append(
            f"Python {environment.name:6}{last or '(no output)'}{f'  [status {failed}]' if failed else ''}"
        )
    print("\n=== " + " ".join(arguments), *endings, sep="\n", flush=True)
    return 1 if status else 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["list", "ready", "run", "wheel", "tools", "devices"])
    parser.add_argument("which", nargs="?", default="default")
    parser.add_argument("arguments", nargs="*", help="after --: what the interpreters are to run")
    arguments = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)

    if arguments.action == "list":
        for version, place in interpreters().items():
            print(f"{version:6}{place}")
        return 0
    if arguments.action in ("tools", "wheel"):
        Environment("tools", sys.executable).install("tools")
    if arguments.action == "tools":
        return 0
    if arguments.action == "wheel":
        for version, place in chosen(arguments.which):
            say(f"{version}: building the wheel")
            build_wheel(place, ROOT / "out" / "wheels")
        return 0

    if arguments.action == "devices":
        for name, place in device_tools().items():
            print(f"export {name}={shlex.quote(place)}")
        return 0

    if arguments.action == "run" and "pytest" in arguments.arguments:
        os.environ.update(device_tools())
    environments = ready(arguments.which)
    if arguments.action == "ready":
        for environment in environments:
            print(environment.python)
        return 0
    if len(environments) == 1:
        python = environments[0].python
        os.execv(python, [str(python), *arguments.arguments])
    with tempfile.TemporaryDirectory(prefix="omply-test-cache-") as cache:
        return run_in(environments, arguments.arguments, cache)


if __name__ == "__main__":
    sys.exit(main())
