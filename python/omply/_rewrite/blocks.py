"""Constructs around a block: sections, single, scope, masked, critical, ordered; and those that stand alone."""

import ast

from . import doacross, last_assignments
from .cancellation import leavable
from .data import last_value, outside, privates, run_here
from .loops import closing_barrier
from .nodes import assign, call, clause_expression, constant, critical_section, load, statement, store, with_


def sections(rewriter, directive, leaves, body):
    if outside(rewriter, leaves):
        statements = run_here(rewriter, directive, leaves, leaves, body, "<omp sections>")
    else:
        statements, _ = sections_parts(rewriter, directive, leaves, body)
    return statements + closing_barrier(leaves[0])


def sections_parts(rewriter, directive, leaves, body):
    """`for number in Sections(count): if number == 0: ... elif number == 1: ...`"""
    blocks = [node for node in body if isinstance(node, ast.With)]
    choice = []
    for number, node in reversed(list(enumerate(blocks))):
        made, _ = rewriter.branch(node.body)
        test = ast.Compare(load(".section"), [ast.Eq()], [constant(number)])
        branch = ast.If(test, made, choice)
        choice = [ast.copy_location(branch, node)]
    kind = "SectionsInOrder" if leaves[0].in_order else "Sections"
    statements = [assign(".sections", call(kind, constant(len(blocks))))]
    private = privates(leaves).values()
    conditional = [v for v in private if v.conditional]
    chosen = last_assignments.watched(conditional, load(".section"), choice or [ast.Pass()])
    statements += last_assignments.none_yet(conditional)
    numbers = ast.For(store(".section"), load(".sections"), chosen, [])
    statements.append(leavable(directive, "sections", numbers))
    last = [v for v in private if v.last and not v.conditional]
    results = [("last", v, last_value(v.name, (), ".sections")) for v in last]
    return statements, results + last_assignments.results(conditional)


def single(rewriter, directive, leaves, body):
    leaf = leaves[0]
    # What `copyprivate` lists is private already, in the enclosing context.
    leaf.vars = [var for var in leaf.vars if var.name not in leaf.copyprivate]
    before = rewriter.scope.definite
    if outside(rewriter, [leaf]):
        made = run_here(rewriter, directive, [leaf], [], body, "<omp single>")
    else:
        made = rewriter.block(body)
    rewriter.scope.definite = before
    others = []
    if leaf.copyprivate:
        names = leaf.copyprivate
        made.append(statement(call("broadcast", ast.Tuple([load(name) for name in names], ast.Load()))))
        others = [ast.Assign([ast.Tuple([store(name) for name in names], ast.Store())], call("receive"))]
    return [ast.If(call("single"), made, others), *closing_barrier(leaf)]


def scope(rewriter, directive, leaves, body):
    if outside(rewriter, leaves):
        statements = run_here(rewriter, directive, leaves, leaves[1:], body, "<omp scope>")
    else:
        statements = rewriter.block(body)
    return statements + closing_barrier(leaves[0])


def masked(rewriter, directive, leaves, body):
    number = clause_expression(leaves[0].filter) if leaves[0].filter else None
    test = call("masked", *([number] if number else []))
    before = rewriter.scope.definite
    made, _ = rewriter.parts(directive, leaves[1:], body)
    rewriter.scope.definite = before
    return [ast.If(test, made, [])]


def critical(rewriter, directive, leaves, body):
    return [critical_section(leaves[0].name or "", rewriter.block(body))]


def ordered(rewriter, directive, leaves, body):
    if leaves[0].doacross:
        return [doacross.dependence(rewriter, directive, leaves[0])]
    return [with_(call("Ordered"), rewriter.block(body))]


def barrier(rewriter, directive, leaves, body):
    return [statement(call("barrier"))]


def flush(rewriter, directive, leaves, body):
    return [statement(call("flush"))]


def as_it_stands(rewriter, directive, leaves, body):
    """A block that a directive only says something about."""
    return rewriter.block(body) if body else [ast.Pass()]


def nothing(rewriter, directive, leaves, body):
    """Declarations have said all to the analysis."""
    return [ast.Pass()]
