"""Python mode: a decorated function becomes one in which each construct calls the runtime. CPython's own `ast` is
rewritten, by the facts of the analysis, and every node of the user's keeps its place.
"""

import ast
import types

from .._variants import note_constructs
from .facts import Function
from .nodes import TEAM, THREADPRIVATE, locate
from .operators import DECLARED, definitions, evaluated
from .rewriter import Rewriter
from .scopes import Prepare, bound_names

FUTURE_FLAGS = 0x1FE0000  # the flags of `from __future__ import ...` among a code object's


def rewrite(function, facts):
    """The function in python mode."""
    from .. import _team

    facts = Function(facts)
    node = parse(facts)
    note_constructs(function.__code__.co_filename, facts.directives)
    threadprivate = threadprivate_names(facts, node, function.__globals__)
    positional = [*node.args.posonlyargs, *node.args.args]
    prepared = Prepare(positional[0].arg if positional else None, threadprivate, THREADPRIVATE)
    node.body = [prepared.visit(part) for part in node.body]
    prepared.globals -= threadprivate
    original = function.__code__
    Rewriter(facts, original.co_filename, node, prepared).function(node, original.co_firstlineno)

    cells = dict(zip(original.co_freevars, function.__closure__ or (), strict=True))
    cells[TEAM] = types.CellType(_team)
    operators, of_module = definitions(facts.declared)
    node.body[:0] = locate(operators, (original.co_firstlineno, 0, original.co_firstlineno, 0))
    if of_module:
        made = evaluated(of_module, function.__globals__, original.co_filename)
        cells[DECLARED] = types.CellType(made)
    if threadprivate:
        from .._threadprivate import group, storage

        group(function.__globals__, facts.groupprivate)
        cells[THREADPRIVATE] = types.CellType(storage(function.__globals__))
    code = compile_function(node, function, cells)
    closure = tuple(cells[name] for name in code.co_freevars)
    new = types.FunctionType(code, function.__globals__, function.__name__, function.__defaults__, closure)
    new.__kwdefaults__ = function.__kwdefaults__
    return new


def threadprivate_names(facts, node, module):
    """The names by which the function means threadprivate globals."""
    from .._threadprivate import declared

    declared_global = {name for part in ast.walk(node) if isinstance(part, ast.Global) for name in part.names}
    parameters = {part.arg for part in ast.walk(node.args) if isinstance(part, ast.arg)}
    local = (bound_names(node.body) | parameters) - declared_global
    names = {*facts.threadprivate, *declared(module)} - local
    mentioned = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return names & mentioned


def parse(facts):
    """The function's node, placed as in its file."""
    line, column = facts.place[:2]
    text = facts.text
    if column:
        # The first line's indentation was cut off; the others still have theirs.
        tree = ast.parse("if 1:\n" + " " * column + text)
        node = tree.body[0].body[0]
        ast.increment_lineno(node, line - 2)
    else:
        node = ast.parse(text).body[0]
        ast.increment_lineno(node, line - 1)
    return node


def compile_function(node, function, cells):
    """Compiles the definition, without executing it, as a function of the same name, flags and free variables."""
    original = function.__code__
    strip(node, original.co_firstlineno)
    # What the function calls by its own name is what that name means outside, not the definition here.
    node.name = f".{node.name}"
    body = [node]
    owner = original.co_qualname.rpartition(".")[0].rpartition(".")[2]
    if owner and owner != "<locals>":
        # Names like `__x` are mangled with the class's name.
        wrapper = ast.ClassDef(name=owner, bases=[], keywords=[], body=body, decorator_list=[])
        wrapper.type_params = []
        body = [wrapper]
    bindings = [ast.Assign([ast.Name(name, ast.Store())], ast.Constant(None)) for name in cells]
    arguments = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    maker = ast.FunctionDef(name=".maker", args=arguments, body=bindings + body, decorator_list=[])
    maker.type_params = []
    module = ast.fix_missing_locations(ast.Module([maker], []))
    flags = original.co_flags & FUTURE_FLAGS
    compiled = compile(module, original.co_filename, "exec", flags=flags, dont_inherit=True)
    code = find_code(compiled, node.name)
    return renamed(code, code.co_qualname, original.co_qualname).replace(co_name=original.co_name)


def strip(node, first_line):
    """Takes away what the function object has already: defaults, annotations, decorators. One decorator stays, where
    the first one stood, because CPython begins a function there."""
    arguments = node.args
    arguments.defaults = []
    arguments.kw_defaults = [None for _ in arguments.kwonlyargs]
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    for argument in every:
        if argument is not None:
            argument.annotation = None
    node.returns = None
    node.type_params = []
    mark = ast.Constant(None, lineno=first_line, col_offset=0, end_lineno=first_line, end_col_offset=0)
    node.decorator_list = [mark] if first_line < node.lineno else []


def find_code(code, name):
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            if constant.co_name == name:
                return constant
            found = find_code(constant, name)
            if found is not None:
                return found
    return None


def renamed(code, prefix, new):
    """The code with the qualified names of a function at another place, nested ones included."""
    constants = tuple(
        renamed(constant, prefix, new) if isinstance(constant, types.CodeType) else constant
        for constant in code.co_consts
    )
    qualname = code.co_qualname
    if qualname.startswith(prefix):
        qualname = new + qualname[len(prefix) :]
    return code.replace(co_consts=constants, co_qualname=qualname)
