"""`distribute`, and `loop` bound to a league: a loop over this team's parts of the iteration space, around the construct that runs
over each part."""

import ast

from .data import carried, last_value, outside, privates, run_here
from .loops import loop, nest_of, simd, simd_parts, worksharing_loop
from .nodes import assign, call, clause_expression, load, store


def distribute(rewriter, directive, leaves, body):
    mine = carried(leaves)
    if outside(rewriter, mine):
        return run_here(rewriter, directive, mine, leaves, body, f"<omp {directive.name}>")
    statements, _ = distribute_parts(rewriter, directive, leaves, body)
    return statements


def distribute_parts(rewriter, directive, leaves, body):
    """The loop itself, its data-sharing clauses being carried out around it."""
    leaf, inner = leaves[0], leaves[1:]
    nest = nest_of(directive, body, leaf.collapse)
    chunk = clause_expression(leaf.dist_chunk) if leaf.dist_chunk else None
    parts = call("Distribute", nest.space(), chunk=chunk)
    last = [v for v in privates(carried(leaves)).values() if v.last]
    statements = [*nest.prepare(), assign(".parts", parts)]
    if inner and inner[0].leaf == "parallel":
        # The loop inside runs over the part.
        directive.part = ".part"
        before = rewriter.scope.definite
        loop_body = rewriter.construct(directive, inner, body)
        rewriter.scope.definite = before
        definite = ()
    else:
        loop_body, definite = nest.over_chunks(rewriter, ".part")
    statements.append(ast.For(store(".part"), load(".parts"), loop_body, []))
    return statements, [("last", v, last_value(v.name, definite, ".parts")) for v in last]


def loop_construct(rewriter, directive, leaves, body):
    """`loop`: divided among the threads that it binds to, or executed as it stands by a thread that is alone with it."""
    which = {"parallel": worksharing_loop, "teams": distribute, "thread": simd}
    return which[leaves[0].bind](rewriter, directive, leaves, body)


def loop_parts(rewriter, directive, leaves, body):
    which = {"parallel": loop, "teams": distribute_parts, "thread": simd_parts}
    return which[leaves[0].bind](rewriter, directive, leaves, body)
