"""The `allocate` directive: what is assigned to its names is evaluated where new arrays come from its allocator."""

import ast

from .data import given
from .nodes import call, locate, place_of, with_


def directive(rewriter, directive, leaves, body):
    names, where = leaves[0].allocate
    rewriter.allocated.update(dict.fromkeys(names, where))
    return [ast.Pass()]


def assigned(rewriter, node):
    """An assignment, as it stands or, if such a directive lists its target, where that says."""
    if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
        return [node]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = (target.id for target in targets if isinstance(target, ast.Name))
    where = next((rewriter.allocated[name] for name in names if name in rewriter.allocated), None)
    if where is None:
        return [node]
    return locate([with_(call("allocating", *map(given, where)), [node])], place_of(node))
