"""`default(... : category)`: what a name is to a construct follows from what it holds where the construct begins.

Names that the construct binds need a version of the construct for either case, because what is shared is the enclosing function's
variable and what is private is not. For others it is enough to decide what the construct's function gets.
"""

import ast
import copy

from .data import argument, names_bound_by
from .nodes import call, constant, locate, statement


def choices(directive):
    return [var for leaf in directive.regions for var in leaf.vars if var.of_kind]


def decided(rewriter, directive, body):
    """The construct, with what the values decide decided where it begins."""
    bound = names_bound_by(directive, body)
    checks = []
    for var in choices(directive):
        category, sharing = var.of_kind
        if sharing == "none":
            value = argument(rewriter, var.name)
            checks.append(statement(call("must_be_listed", constant(category), constant(var.name), value)))
            var.of_kind = None
        elif sharing == "shared" and var.sharing == "shared":
            var.of_kind = None
        elif var.name not in bound:
            var.sharing = "of kind"
    names = sorted({var.name for var in choices(directive) if var.sharing != "of kind"})
    return locate(checks, directive.head) + versions(rewriter, directive, body, names)


def versions(rewriter, directive, body, names):
    """One version of the construct for each way in which the values of these names can be."""
    if not names:
        return rewriter.made(directive, body)
    name, *others = names
    of_name = [var for var in choices(directive) if var.name == name]
    before = [(var, var.sharing, var.of_kind) for var in of_name]
    category = of_name[0].of_kind[0]
    test = call("is_of_kind", constant(category), argument(rewriter, name))
    definite = rewriter.scope.definite
    for var in of_name:
        var.sharing, var.of_kind = var.of_kind[1], None
    matching = versions(rewriter, directive, copy.deepcopy(body), others)
    after, rewriter.scope.definite = rewriter.scope.definite, definite
    for var, sharing, _ in before:
        var.sharing = sharing
    other = versions(rewriter, directive, body, others)
    for var, sharing, of_kind in before:
        var.sharing, var.of_kind = sharing, of_kind
    rewriter.scope.definite = rewriter.scope.definite & after
    return locate([ast.If(test, matching, other)], directive.head)
