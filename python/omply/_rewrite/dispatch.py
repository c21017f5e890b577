"""`dispatch` and `interop`: the call in a `dispatch` block goes to the variant that agrees with its context; interoperability objects
are `omp_interop_none`, as there is no foreign runtime."""

import ast

from .dependences import dependences
from .nodes import assign, call, clause_expression, constant, load, statement, tuple_of


def dispatch(rewriter, directive, leaves, body):
    leaf = leaves[0]
    around, constructs = directive.around, []
    while around is not None:
        constructs[:0] = [region.leaf for region in around.regions]
        around = around.around
    target = next(part for part in body if not isinstance(getattr(part, "value", None), ast.Constant)).value
    switches = {name: clause_expression(value) for name, value in leaf.switches.items() if value}
    interop = tuple_of(load(name) for name in leaf.interop) if leaf.interop else None
    names = tuple_of(constant(name) for name in constructs)
    target.func = call("dispatched", target.func, names, interop=interop, **switches)
    return [*waits(rewriter, leaf), *rewriter.block(body)]


def interop(rewriter, directive, leaves, body):
    leaf = leaves[0]
    made = [assign(name, constant(0)) for name in leaf.interop]
    return [*waits(rewriter, leaf), *made] or [ast.Pass()]


def waits(rewriter, leaf):
    """The construct is a task that is carried out at once, after those that it depends on."""
    depend = dependences(rewriter, leaf)
    return [statement(call("taskwait", depend=depend))] if depend else []
