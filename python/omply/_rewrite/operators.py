"""Operators that the program declares for reductions and inductions: the object that stands for each in rewritten code."""

import ast

from .nodes import arguments, assign, clause_expression, constant, item, load, team, tuple_of

DECLARED = ".declared"  # the cell that holds the functions of the module's own declarations

# What the two expressions of a declaration are over.
OPERANDS = {
    "reduction": (("omp_out", "omp_in"), ("omp_orig",)),
    "induction": (("omp_var", "omp_step"), ("omp_step", "omp_idx")),
}


def operator(rewriter, kind, symbol):
    """What the runtime is told of an operator: its symbol, or the object made of its declarations."""
    if any(one["kind"] == kind and one["name"] == symbol for one in rewriter.facts.declared):
        return load(name_of(kind, symbol))
    return constant(symbol)


def name_of(kind, symbol):
    return f".{kind} {symbol}"


def definitions(declared):
    """The statements that make the declared operators, for the top of the function, and the functions that belong to the
    module: in these, no name means one of the function's variables."""
    groups, of_module, made = {}, [], []
    for one in declared:
        parts = []
        for function in functions(one):
            if one["in_module"] and function is not None:
                of_module.append(function)
                function = item(load(DECLARED), len(of_module) - 1)
            parts.append(function or constant(None))
        groups.setdefault((one["kind"], one["name"]), []).append(tuple_of(parts))
    for (kind, symbol), alternatives in groups.items():
        value = ast.Call(team("Declared"), [constant(kind), constant(symbol), tuple_of(alternatives)], [])
        made.append(assign(name_of(kind, symbol), value))
    return made, of_module


def functions(one):
    """What a declaration says as lambdas: its types, which are evaluated when they are needed, and its two expressions."""
    first, second = OPERANDS[one["kind"]]
    yield lambda_of((), tuple_of(clause_expression(text) for text in one["types"]), one["types"][0])
    yield lambda_of(first, clause_expression(one["first"]), one["first"])
    if one["second"]:
        yield lambda_of(second, clause_expression(one["second"]), one["second"])
    else:
        yield None


def lambda_of(names, body, text):
    made = ast.Lambda(arguments(names), body)
    for node in ast.walk(made):
        if "lineno" in node._attributes and not hasattr(node, "lineno"):
            node.lineno, node.col_offset = text[1], text[2]
            node.end_lineno, node.end_col_offset = text[1], text[2]
    return made


def evaluated(functions, module, filename):
    """Functions of the module's declarations, as objects."""
    tree = ast.Expression(tuple_of(functions))
    ast.fix_missing_locations(tree)
    return eval(compile(tree, filename, "eval"), module)
