"""`parallel` and `teams`, alone or with the leaves that a compound directive adds: the block becomes a function for every
thread of the team, or for every team's initial thread."""

import ast

from .data import carried, make_function, take_results
from .nodes import (
    THREADPRIVATE,
    call,
    clause_expression,
    constant,
    load,
    statement,
    tuple_of,
)


def parallel(rewriter, directive, leaves, body):
    region = leaves[0]
    name = f"<omp {directive.name}>"
    made, arguments, results = make_function(rewriter, directive, carried(leaves), leaves[1:], body, name)
    copy_in(region, made, arguments)
    keywords = {}
    if region.num_threads:
        keywords["num_threads"] = tuple_of(map(clause_expression, region.num_threads))
    if region.strict:
        keywords["strict"] = constant(True)
        if region.message:
            keywords["message"] = clause_expression(region.message)
        if region.warns:
            keywords["warns"] = constant(True)
    if region.proc_bind:
        keywords["proc_bind"] = constant(region.proc_bind)
    fork = "watched_fork" if rewriter.watches else "fork"
    return forked(rewriter, directive, fork, region, made, arguments, results, keywords)


def teams(rewriter, directive, leaves, body):
    region = leaves[0]
    name = f"<omp {directive.name}>"
    made, arguments, results = make_function(rewriter, directive, carried(leaves), leaves[1:], body, name)
    keywords = {}
    if region.num_teams:
        lower, upper = region.num_teams
        keywords["lower"] = clause_expression(lower) if lower else None
        keywords["upper"] = clause_expression(upper)
    if region.thread_limit:
        keywords["thread_limit"] = clause_expression(region.thread_limit)
    return forked(rewriter, directive, "teams", region, made, arguments, results, keywords)


def forked(rewriter, directive, function, region, made, arguments, results, keywords):
    """The call that runs a region's function on a team or league, and what becomes of the results."""
    if region.if_:
        keywords["if_"] = clause_expression(region.if_)
    fork = call(function, load(made.name), tuple_of(arguments), rewriter.place(directive), **keywords)
    return [made, *take_results(rewriter, fork, results)]


def copy_in(region, made, arguments):
    """`copyin`: the other threads' threadprivate variables take the encountering thread's values."""
    assignments = []
    for name in region.copyin:
        parameter = f".copyin {name}"
        made.args.args.append(ast.arg(parameter))
        arguments.append(ast.Attribute(load(THREADPRIVATE), name, ast.Load()))
        target = ast.Attribute(load(THREADPRIVATE), name, ast.Store())
        assignments.append(ast.Assign([target], call("copy", load(parameter))))
    if assignments:
        others = ast.Compare(call("thread_num"), [ast.NotEq()], [constant(0)])
        # Nobody may go on and change the original before all have read it.
        made.body[:0] = [ast.If(others, assignments, []), statement(call("barrier"))]
