"""`cancel` and `cancellation_point`: a thread asks the runtime whether its region is cancelled, and leaves it by an exception."""

import ast

from .nodes import call, clause_expression, constant, statement, team


def cancel(rewriter, directive, leaves, body):
    leaf = leaves[0]
    if leaf.leaf == "cancellation_point":
        activate = constant(False)
    elif leaf.if_:
        activate = clause_expression(leaf.if_)
    else:
        activate = constant(True)
    return [statement(call("cancel", constant(leaf.cancel), activate))]


def leavable(directive, kind, loop):
    """The loop of a worksharing construct, which a cancellation of that kind in its block leaves."""
    if not cancelled_inside(directive, kind):
        return loop
    handler = ast.ExceptHandler(team("WorkshareCancelled"), None, [ast.Pass()])
    return ast.Try([loop], [handler], [], [])


def leavable_task(directive, statements):
    """What a task executes, which a cancellation of its group ends."""
    if not cancelled_inside(directive, "taskgroup"):
        return statements
    handler = ast.ExceptHandler(team("TaskLeft"), None, [ast.Pass()])
    return [ast.Try(statements, [handler], [], [])]


def cancelled_inside(directive, kind):
    return any(
        child.regions[0].cancel == kind or cancelled_inside(child, kind) for child in directive.children
    )
