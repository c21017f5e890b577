"""`depend` and `depobj`: expressions for what a construct's dependences name, as the runtime takes it."""

import ast

from .data import argument
from .nodes import assign, call, clause_expression, constant, load, statement, store, tuple_of


def dependences(rewriter, leaf):
    """An expression for the tuples (type, address, ...) of a construct's dependences; None without any."""
    made = [part for clause in leaf.depends for part in clause_parts(rewriter, clause)]
    return tuple_of(made) if made else None


def clause_parts(rewriter, clause):
    """The elements of that tuple that a clause stands for."""
    kind, items, iterators = clause
    made = [dependence(rewriter, kind, item) for item in items]
    if not iterators:
        return made
    values = [
        call("iterated", *(clause_expression(bound) for bound in bounds if bound)) for _, *bounds in iterators
    ]
    names = ast.Tuple([store(name) for name, *_ in iterators], ast.Store())
    combinations = ast.comprehension(target=names, iter=call("combinations", *values), ifs=[], is_async=0)
    return [ast.Starred(ast.ListComp(part, [combinations]), ast.Load()) for part in made]


def dependence(rewriter, kind, item):
    if item[0] == "all":
        return constant(("all", 0, 0, 0, 0))
    if kind == "depobj":
        return tuple_of(
            [constant(kind), constant(0), constant(0), call("depend_object", value(item)), constant(0)]
        )
    return tuple_of([constant(kind), ast.Starred(location(rewriter, item), ast.Load())])


def value(item):
    """What a list item holds."""
    kind, what, *_ = item
    return load(what) if kind == "name" else clause_expression(what)


def depobj(rewriter, directive, leaves, body):
    item, action, *more = leaves[0].depobj
    if action != "init":
        return [statement(call(f"{action}_object", value(item), *map(constant, more)))]
    made = call("new_object", tuple_of(clause_parts(rewriter, more[0])))
    kind, what, *_ = item
    if kind == "name":
        return [assign(what, made)]
    target = clause_expression(what)
    target.ctx = ast.Store()
    return [ast.Assign([target], made)]


def location(rewriter, item):
    """An expression for the addresses that stand for a variable, a container or a part of one."""
    kind, *what = item
    if kind == "name":
        name, scope = what
        return call("depend_name", key(rewriter, name, scope), argument(rewriter, name))
    node = clause_expression(what[0])
    if isinstance(node, ast.Attribute):
        return call("depend_attribute", node.value, constant(node.attr))
    return call("depend_item", node.value, subscript(node.slice))


def key(rewriter, name, scope):
    """What tells a variable from all others: an object for each activation of the function that it belongs to, or the name
    that it has in its module or in an enclosing function."""
    owner = rewriter.scope.owner(name)
    if owner is None:
        return constant(f"{rewriter.filename}:{scope}:{name}")
    owner.keys.add(name)
    return load(key_name(name))


def key_name(name):
    return f".key {name}"


def key_assignments(scope):
    """Makes the keys of a function's variables, at its top."""
    return [assign(key_name(name), call("Key")) for name in sorted(scope.keys)]


def subscript(node):
    """A subscript as a value: slices become slice objects."""
    if isinstance(node, ast.Slice):
        parts = [part or constant(None) for part in (node.lower, node.upper, node.step)]
        return call("part", *parts)
    if isinstance(node, ast.Tuple):
        return tuple_of(map(subscript, node.elts))
    return node
