"""`atomic`: the statement runs under a lock that belongs to its location; what OpenMP evaluates beforehand is evaluated
beforehand, once."""

import ast

from .nodes import assign, call, constant, load, place_of, with_


def atomic(rewriter, directive, leaves, body):
    facts = leaves[0].atomic
    before = []
    expressions = {}
    for part in body:
        for node in ast.walk(part):
            if isinstance(node, ast.expr) and not isinstance(node, ast.Starred):
                # The outermost of a place: a threadprivate name is an attribute of its storage, which has the same.
                expressions.setdefault(place_of(node), node)
    replaced = {}
    for number, place in enumerate(facts["values"]):
        value = expressions[tuple(place)]
        if not isinstance(value, ast.Constant):
            before.append(assign(f".value{number}", value))
            replaced[tuple(place)] = f".value{number}"
    location = expressions[tuple(facts["location"])]
    lock, parts = lock_of(location, before)
    body = [Hoist(replaced, parts).visit(node) for node in body]
    return [*before, with_(lock, rewriter.block(body))]


def lock_of(location, before):
    """The lock of a location. Of an element or attribute, object and index are evaluated once; returns which expression
    (as `ast.dump` shows it) now stands under which name."""
    if isinstance(location, ast.Name):
        return call("atomic_name", constant(location.id)), {}
    parts = {}
    base = hoisted(location.value, ".object", before, parts)
    if isinstance(location, ast.Attribute):
        return call("atomic_attribute", base, constant(location.attr)), parts
    return call("atomic_item", base, hoisted(location.slice, ".index", before, parts)), parts


def hoisted(node, name, before, parts):
    if isinstance(node, (ast.Name, ast.Constant)):
        return load(node.id) if isinstance(node, ast.Name) else constant(node.value)
    before.append(assign(name, node))
    parts[ast.dump(node)] = name
    return load(name)


class Hoist(ast.NodeTransformer):
    """Replaces expressions that were evaluated beforehand by the names that hold their values."""

    def __init__(self, places, parts):
        self.places = places
        self.parts = parts

    def visit(self, node):
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            name = self.places.get(place_of(node)) or (self.parts and self.parts.get(ast.dump(node)))
            if name:
                return ast.copy_location(load(name), node)
        return self.generic_visit(node)
