"""`error`: what is met at compilation has been told by then; at execution a fatal one raises an exception, another one warns."""

import ast

from .nodes import call, clause_expression, constant, statement


def error(rewriter, directive, leaves, body):
    leaf = leaves[0]
    if not leaf.at_execution:
        return [ast.Pass()]
    message = clause_expression(leaf.message) if leaf.message else None
    return [
        statement(call("error", rewriter.place(directive), message or constant(None), constant(leaf.warns)))
    ]
