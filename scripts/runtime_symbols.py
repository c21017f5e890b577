"""Writes docs/runtime-symbols.md: every symbol of the drop-in library, its version nodes, its state and the tests that use it.

Builds the library (crates/runtime/dropin.sh), reads its symbols, compiles the C tests to see what they call, and looks
for the names in the runtime's Rust tests. The runtime's test `dropin` fails when the table lacks a symbol or has one too many.
"""

import concurrent.futures
import fnmatch
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "crates/runtime"
TABLE = ROOT / "docs/runtime-symbols.md"

HEAD = """\
# Symbols of the runtime library

Written by `scripts/runtime_symbols.py`; do not edit. What `crates/runtime/dropin.sh` builds exports these, under the names
`libomp.so`, `libomp.so.5`, `libiomp5.so` and `libgomp.so.1`. Every symbol has the version node `VERSION`, as in LLVM's library, and the
others listed, as in GCC's.

States: *full*; *host*: answers for the host, which is the only device; *nothing*: accepted without effect, with the reason.
A test is a C program under `crates/runtime/tests` (compiled by Clang, by GCC, or both, it calls the symbol), or a Rust test file
there that does.

| symbol | further nodes | state | in | tests |
|---|---|---|---|---|
"""

ABSENT = """
## What the other libraries have and this one has not

Symbols of LLVM 22's libomp and of libgomp (GCC 16 and before).

| symbol | in | why |
|---|---|---|
"""


def lines_of(path):
    """The fields of a tab-separated file's lines."""
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def exported(library):
    """Symbol → version nodes."""
    text = subprocess.run(
        ["nm", "-D", "--defined-only", "--with-symbol-versions", library],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    nodes = {}
    for line in text.splitlines():
        kind, name = line.split()[-2:]
        if kind != "A":
            symbol, _, node = name.partition("@")
            nodes.setdefault(symbol, set()).add(node.lstrip("@"))
    return nodes


def called_by(compiler, source, folder):
    """The undefined symbols of a C program, or none where the compiler does not know what it uses."""
    output = folder / f"{compiler}-{source.stem}.o"
    command = [compiler, "-O0", "-w", "-fopenmp", "-I", RUNTIME / "include", "-I", RUNTIME / "tests/c"]
    if "clang" in compiler:
        command.append("-fopenmp-version=60")
    run = subprocess.run([*command, "-c", source, "-o", output], capture_output=True, check=False)
    if run.returncode:
        return set()
    text = subprocess.run(["nm", "-u", output], check=True, capture_output=True, text=True).stdout
    return {line.split()[-1] for line in text.splitlines()}


def tests_by_symbol(symbols):
    """Symbol → names of the tests that use it."""
    found = {symbol: set() for symbol in symbols}
    compilers = [name for name in ("clang-22", "gcc") if shutil.which(name)]
    sources = sorted((RUNTIME / "tests").rglob("*.c"))
    with (
        tempfile.TemporaryDirectory() as folder,
        concurrent.futures.ThreadPoolExecutor(2) as pool,
    ):
        jobs = {
            pool.submit(called_by, compiler, source, pathlib.Path(folder)): source
            for compiler in compilers
            for source in sources
        }
        for job, source in jobs.items():
            for symbol in job.result():
                found.get(symbol, set()).add(str(source.relative_to(RUNTIME / "tests")))
    for source in sorted((RUNTIME / "tests").rglob("*.rs")):
        for word in set(re.findall(r"\w+", source.read_text())):
            found.get(word, set()).add(str(source.relative_to(RUNTIME / "tests")))
    return found


def state_of(symbol, states):
    """State and reason by the first pattern that fits."""
    for pattern, state, *reason in states:
        if fnmatch.fnmatchcase(symbol, pattern):
            return state, *reason
    return ("full",)


def libraries(peer):
    """Where a symbol is known from."""
    names = [name for name, nodes in zip(("libgomp", "libomp"), peer, strict=True) if nodes != "-"]
    return ", ".join(names) or "Omply"


def shown(tests):
    """The first tests; what many programs use needs no list."""
    names = sorted(tests)
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(f"`{name}`" for name in names[:3]) + more if names else "none"


def main():
    """Writes the table."""
    if len(sys.argv) > 1:
        library = pathlib.Path(sys.argv[1])
    else:
        script = subprocess.run([RUNTIME / "dropin.sh"], check=True, capture_output=True, text=True)
        library = pathlib.Path(script.stdout.strip())
    symbols = exported(library)
    peers = {name: nodes for name, *nodes in lines_of(RUNTIME / "dropin/peers.tsv")}
    states = list(lines_of(RUNTIME / "dropin/states.tsv"))
    ours = [state for state in states if state[1] != "absent"]
    reasons = [state for state in states if state[1] == "absent"]
    tests = tests_by_symbol(symbols)
    text = HEAD
    for symbol in sorted(symbols):
        nodes = ", ".join(sorted(symbols[symbol] - {"VERSION"})) or "-"
        state = ": ".join(state_of(symbol, ours))
        where = libraries(peers.get(symbol, ("-", "-")))
        text += f"| `{symbol}` | {nodes} | {state} | {where} | {shown(tests[symbol])} |\n"
    text += ABSENT
    missing = []
    for symbol in sorted(set(peers) - set(symbols)):
        state, *reason = state_of(symbol, reasons)
        if not reason:
            missing.append(symbol)
            continue
        text += f"| `{symbol}` | {libraries(peers[symbol])} | {reason[0]} |\n"
    if missing:
        sys.exit(
            f"crates/runtime/dropin/states.tsv has no reason for the absence of {', '.join(missing[:20])}"
        )
    TABLE.write_text(text)
    untested = [symbol for symbol in sorted(symbols) if not tests[symbol]]
    print(f"{TABLE.relative_to(ROOT)}: {len(symbols)} symbols, {len(untested)} without a test")
    for symbol in untested:
        print(f"  {symbol}")


if __name__ == "__main__":
    main()
