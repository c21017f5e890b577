"""`dispatch` and `interop`: the call in a `dispatch` block goes to the variant that agrees with its context."""

import ast

from .dependences import dependences
from .nodes import assign, call, clause_expression, constant, load, statement, tuple_of
from .tasks import optional


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
    target.func = call(
        "dispatched", target.func, names, interop=interop, device=optional(leaf.device), **switches
    )
    return [*waits(rewriter, leaf), *rewriter.block(body)]


def interop(rewriter, directive, leaves, body):
    leaf = leaves[0]
    made = []
    for verb, name, types, prefer in leaf.interop_actions:
        if verb == "init":
            arguments = [constant(types), constant(prefer)]
            made.append(assign(name, call("interop_init", *arguments, device=optional(leaf.device))))
            continue
        made.append(statement(call("interop_end", load(name), constant(verb == "destroy"))))
        if verb == "destroy":
            made.append(assign(name, constant(0)))
    return [*waits(rewriter, leaf), *made] or [ast.Pass()]


def waits(rewriter, leaf):
    """The construct is a task that is carried out at once, after those that it depends on."""
    depend = dependences(rewriter, leaf)
    return [statement(call("taskwait", depend=depend))] if depend else []
