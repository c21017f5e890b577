"""`ordered(n)` with `ordered doacross`: iterations wait for earlier ones, which are named by the values of their loop variables."""

import ast
import copy

from .nodes import assign, call, clause_expression, load, statement, tuple_of


def dependence(rewriter, directive, leaf):
    """The statement that says that an iteration is done, or that waits for one."""
    kind, *steps = leaf.doacross
    if kind == "sink":
        return statement(call("doacross_wait", tuple_of(moved(*step) for step in steps[0])))
    variables = rewriter.doacross[-1]
    if kind == "source":
        return statement(call("doacross_post", tuple_of(load(name) for name in variables)))
    ranges, names = load(".ranges"), tuple_of(load(name) for name in variables)
    return statement(call("doacross_wait_previous", ranges, names))


def moved(name, offset):
    if offset is None:
        return load(name)
    return ast.BinOp(load(name), ast.Add(), clause_expression(offset))


def depends(directive):
    """Whether iterations of the directive's loops wait for each other."""
    return any(any(leaf.doacross for leaf in child.regions) or depends(child) for child in directive.children)


def begin(fors):
    """Before the loop over these `for` statements: tells the runtime what it runs over."""
    ranges = tuple_of(copy.deepcopy(each.iter) for each in fors)
    return [assign(".ranges", ranges), statement(call("doacross_begin", load(".ranges")))]


def end():
    return statement(call("doacross_end"))
