"""Holds every Rust crate and Python package that Omply is built, tested or run with to the licences allowed in deny.toml.

Crates are those of `cargo metadata`; Python packages are those installed in the environments under `.venv`. A licence
expression passes when the allowed licences can satisfy it: one side of an OR, both sides of an AND.
"""

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Packages from before licence expressions state theirs as a trove classifier or in words.
WORDS = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


def satisfied(expression, allowed):
    """Whether an SPDX expression can be met with the allowed licences (`A/B` is cargo's old spelling of `A OR B`)."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))

    def either():
        result = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            result = both() or result
        return result

    def both():
        result = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            result = one() and result
        return result

    def one():
        token = tokens.pop(0) if tokens else ""
        if token == "(":
            result = either()
            return bool(tokens) and tokens.pop(0) == ")" and result
        if tokens and tokens[0] == "WITH":
            token = f"{token} WITH {tokens[1]}"
            del tokens[:2]
        return token in allowed

    return either() and not tokens


def crates():
    command = ["cargo", "metadata", "--format-version", "1"]
    metadata = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for package in json.loads(metadata)["packages"]:
        yield f"crate {package['name']} {package['version']}", package["license"] or ""


def python_packages():
    folders = map(str, ROOT.glob(".venv/*/lib/python*/site-packages"))
    for package in distributions(path=list(folders)):
        metadata = package.metadata
        expression = metadata["License-Expression"] or ""
        if not expression:
            classifiers = [
                line.rsplit(" :: ", 1)[1]
                for line in metadata.get_all("Classifier", [])
                if line.startswith("License :: OSI Approved :: ")
            ]
            words = classifiers or [(metadata["License"] or "").strip().split("\n")[0]]
            expression = " AND ".join(WORDS.get(word, word) for word in words)
        yield f"package {metadata['Name']} {package.version}", expression


def main():
    allowed = set(tomllib.loads((ROOT / "deny.toml").read_text())["licenses"]["allow"])
    checked = dict([*crates(), *python_packages()])
    refused = {name: licence for name, licence in checked.items() if not satisfied(licence, allowed)}
    for name, licence in refused.items():
        print(f"licence not allowed: {name}: {licence or 'none stated'}", file=sys.stderr)
    print(f"licences: {len(checked)} packages checked, {len(refused)} refused")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
