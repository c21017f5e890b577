"""`omply explain`: the analysis' view of a file's decorated functions, without running the file."""

import ast
import sys

from . import _core
from ._errors import OmplySyntaxError


def explain(target):
    filename, separator, wanted = target.rpartition(":")
    if not separator:
        filename, wanted = target, ""
    try:
        with open(filename, encoding="utf-8") as file:
            text = file.read()
        tree = ast.parse(text, filename)
    except (OSError, SyntaxError) as error:
        print(f"omply: {error}", file=sys.stderr)
        return 2
    names = names_of_omp(tree)
    status, found = 0, False
    for node in ast.walk(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or (wanted and node.name != wanted):
            continue
        if not any(is_omp(decorator, names) for decorator in node.decorator_list):
            continue
        found = True
        first_line = min(node.lineno, *(decorator.lineno for decorator in node.decorator_list))
        try:
            analysis = _core.analyse(text, filename, first_line, node.name, sorted(names))
            facts = _core.pymode.facts(analysis)
        except OmplySyntaxError as error:
            print(error.msg)
            status = 1
            continue
        show(filename, facts)
    if not found:
        print(f"omply: no function {wanted or 'decorated with @omp'} in {filename}", file=sys.stderr)
        return 2
    return status


def explain_run(program, arguments):
    """Runs a program, and tells which of its loops marked `simd` native mode made no vector code of."""
    import os
    import runpy

    if not _core.has_native:
        print("omply: this build has no native mode, and so no vector code", file=sys.stderr)
        return 2
    _core.explain_loops()
    sys.argv = [program, *arguments]
    sys.path.insert(0, os.path.dirname(os.path.abspath(program)))
    status = 0
    try:
        runpy.run_path(program, run_name="__main__")
    except OSError as error:
        if error.filename != program:
            raise
        print(f"omply: {error}", file=sys.stderr)
        return 2
    except SystemExit as end:
        status = end.code
    missed = sorted(_core.missed_loops())
    for filename, line, column, name, signature, reason in missed:
        print(f"{filename}:{line}:{column}: `simd` in {name}{signature} is no vector code: {reason}")
    if not missed:
        print("every loop marked `simd` that was compiled is vector code")
    return status


def names_of_omp(tree):
    """The names that the file's imports give to the `omp` object."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "omply":
            names.update(alias.asname or alias.name for alias in node.names if alias.name == "omp")
        elif isinstance(node, ast.Import):
            names.update(f"{alias.asname or alias.name}.omp" for alias in node.names if alias.name == "omply")
    return names


def is_omp(decorator, names):
    if isinstance(decorator, ast.Call):
        decorator = decorator.func
    return ast.unparse(decorator) in names


def show(filename, facts):
    print(f"{filename}:{facts['place'][0]}: {facts['name']}")
    for line, inert in facts["simd"]:
        print(f"    line {line}: declare_simd")
        show_inert("        ", inert)
    depth = {}
    for directive in facts["directives"]:
        depth[directive["id"]] = level = depth.get(directive["parent"], 0) + 1
        indent = "    " * level
        print(f"{indent}line {directive['head'][0]}: {directive['name']}")
        for region in directive["regions"]:
            for var in region["vars"]:
                if is_mapped_by_default(region, var) or is_in_a_map(region, var):
                    continue  # `maps` says it
                print(f"{indent}    {var['name']:<16} {sharing(var):<24} {var['origin']} on {region['leaf']}")
            for line in maps(region):
                print(f"{indent}    {line}")
            show_inert(f"{indent}    ", region["inert"])
        for name in directive["locals"]:
            print(f"{indent}    {name:<16} {'private':<24} bound only inside")


def show_inert(indent, clauses):
    for text, line, _, reason in clauses:
        print(f"{indent}no effect: {text} (line {line}): {reason}")


def maps(region):
    """What happens to each variable's memory on the device, and whether a clause says so."""
    default = {"target_enter_data": "to", "target_exit_data": "from"}.get(region["leaf"], "tofrom")
    for clause, item, words, implied in region["maps"]:
        how = f"map({words or default})" if clause == "map" else clause
        yield f"{item:<16} {how:<24} {'implied by a clause' if implied else 'explicit'} on {region['leaf']}"
    for var in region["vars"]:
        if is_mapped_by_default(region, var):
            how = "map(tofrom) or copied"
            yield f"{var['name']:<16} {how:<24} implicit on target: an array is mapped, a number is copied"


def is_mapped_by_default(region, var):
    return region["leaf"] == "target" and var["origin"] == "implicit" and var["sharing"] == "firstprivate"


def is_in_a_map(region, var):
    named = {item.partition("[")[0] for _, item, _, _ in region["maps"]}
    return var["sharing"] == "shared" and var["name"] in named


def sharing(var):
    if var["sharing"] == "reduction":
        return f"reduction({var['op']})"
    if var["sharing"] == "lastprivate" and var["first"]:
        return "firstprivate, lastprivate"
    return var["sharing"]
