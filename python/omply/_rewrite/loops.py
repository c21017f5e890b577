"""Loops: `for`, `simd` and their combinations. The iteration space is handed out in chunks; the user's own `for`
statement runs over each chunk."""

import ast

from . import doacross, last_assignments
from .cancellation import leavable
from .data import last_value, outside, privates, run_here
from .nodes import assign, call, clause_expression, constant, load, place_of, statement, store, thunk
from .operators import operator
from .scopes import bound_names, read_names
from .transformations import GeneratedNest


def worksharing_loop(rewriter, directive, leaves, body):
    if outside(rewriter, leaves):
        statements = run_here(rewriter, directive, leaves, leaves, body, f"<omp {directive.name}>")
    else:
        statements, _ = loop(rewriter, directive, leaves, body)
    return statements + closing_barrier(leaves[0])


def by_one_thread(directive):
    """A loop that scans is one chunk, which one thread executes as the sequential program would: the variables that this is about
    are the originals. So is one whose last assignments count, where the team cannot tell which these are."""
    leaves = directive.regions
    told = last_assignments.can_be_told(directive)
    for leaf in leaves:
        scanned = [
            var
            for var in leaf.vars
            if var.modifier == "inscan" or (var.conditional and (var.first or not told))
        ]
        for var in scanned:
            var.sharing = "shared"
            var.modifier, var.conditional = None, False
        if scanned:
            leaf.schedule, leaf.chunk = "static", (str(1 << 40), 1, 0)
            leaf.in_order = True


def closing_barrier(leaf):
    """The barrier at a worksharing construct's end, unless `nowait` takes it away."""
    barrier = statement(call("barrier"))
    if leaf.nowait is True:
        return []
    if leaf.nowait:
        return [ast.If(ast.UnaryOp(ast.Not(), clause_expression(leaf.nowait)), [barrier], [])]
    return [barrier]


def loop(rewriter, directive, leaves, body):
    """The loop itself, its data-sharing clauses being carried out around it."""
    leaf = leaves[0]
    depth = max(each.collapse for each in leaves)
    nest = nest_of(directive, body, depth)
    fors, spaces = nest.fors, nest.spaces
    statements = [] if directive.part else nest.prepare()
    keywords = {
        "kind": constant(leaf.schedule) if leaf.schedule else None,
        "chunk": clause_expression(leaf.chunk) if leaf.chunk else None,
        "ordered": constant(True) if leaf.ordered is not None and not doacross.depends(directive) else None,
    }
    if doacross.depends(directive):
        named = affected_loops(directive, body, max(leaf.ordered, 1))
        statements += doacross.begin(named)
        rewriter.doacross.append([each.target.id for each in named])
    if directive.part:
        # A construct around this one has divided the iterations.
        source = call("Loop", load(directive.part), **keywords)
    elif spaces[0][0] == "iterable":
        # One thread evaluates it, all draw from what it is.
        made = assign(".items", call("share", fors[0].iter, **keywords))
        statements.append(ast.If(call("single"), [made], [assign(".items", call("receive"))]))
        source = call("draw", load(".items"))
    elif spaces == [("sequence",)]:
        source = call("loop_over", fors[0].iter, **keywords)
    else:
        source = call("Loop", nest.space(), **keywords)
    private = privates(leaves)
    linear = [v for v in private.values() if v.linear is not None]
    last = [v for v in private.values() if v.last and not v.conditional]
    conditional = [v for v in private.values() if v.conditional]
    if last or linear or conditional:
        statements.append(assign(".loop", source))
        source = load(".loop")

    loops, definite = nest.over_chunks(rewriter, ".chunk")
    chunk_body = [linear_start(rewriter, v) for v in linear] + loops
    first = ast.Attribute(load(".loop"), "first", ast.Load())
    chunk_body = last_assignments.watched(conditional, first, chunk_body)
    statements += last_assignments.none_yet(conditional)
    chunks = ast.For(store(".chunk"), source, chunk_body, [])
    statements.append(leavable(directive, "for", chunks))
    if doacross.depends(directive):
        statements.append(doacross.end())
        rewriter.doacross.pop()
    results = [("last", v, last_value(v.name, definite, ".loop")) for v in last]
    return statements, results + last_assignments.results(conditional)


def nest_of(directive, body, depth):
    """The loops that a construct divides."""
    return GeneratedNest(directive, body) if directive.generated else WrittenNest(directive, body, depth)


class WrittenNest:
    """Affected loops as they stand in the source."""

    def __init__(self, directive, body, depth):
        self.fors = affected_loops(directive, body, depth)
        self.spaces = [level["space"] for level in directive.nest[:depth]]

    def prepare(self):
        return []

    def space(self):
        return iteration_space(self.fors, self.spaces)

    def over_chunks(self, rewriter, chunk):
        return over_chunks(rewriter, self.fors, chunk)


def over_chunks(rewriter, fors, chunk):
    """The nest's loops over the part of the iteration space that the variable `chunk` holds, and the names sure to be bound
    after an iteration."""
    targets = set().union(*(bound_names([each.target]) for each in fors))
    definite = rewrite_bodies(rewriter, fors, targets)
    for level, each in enumerate(fors[:-1]):
        each.target = ast.Tuple([each.target, store(f".row{level}")], ast.Store())
        each.iter = load(f".row{level - 1}" if level else chunk)
    fors[-1].iter = load(f".row{len(fors) - 2}" if len(fors) > 1 else chunk)
    return [fors[0]], definite


def rewrite_bodies(rewriter, fors, targets):
    """Rewrites the loops' bodies, the code between the loops included; returns the names sure to be bound in the
    innermost one's end."""
    outer, *inner = fors
    before = rewriter.scope.definite
    rewriter.scope.definite = before | (bound_names([outer.target]) - rewriter.forgotten)
    if not inner:
        outer.body = rewriter.block(outer.body)
        definite = rewriter.scope.definite | (targets - rewriter.forgotten)
    else:
        made = []
        for node in outer.body:
            if node is inner[0]:
                definite = rewrite_bodies(rewriter, inner, targets)
                made.append(node)
            else:
                made += rewriter.statement(node)
        outer.body = made
    rewriter.scope.definite = before
    return definite


def affected_loops(directive, body, depth):
    """The `for` statements of the nest, outermost first."""
    places = [level["place"] for level in directive.nest[:depth]]
    found = {place_of(node): node for part in body for node in ast.walk(part) if isinstance(node, ast.For)}
    return [found[place] for place in places]


def linear_start(rewriter, variable):
    """The variable's value in the first iteration of the chunk; the body advances it as in the sequential loop."""
    first = ast.Attribute(load(".loop"), "first", ast.Load())
    start, step = load(f".linear {variable.name}"), load(f".step {variable.name}")
    kind = operator(rewriter, "induction", variable.linear.op)
    return assign(variable.name, call("induced", kind, start, step, first))


def iteration_space(fors, spaces):
    """The expression for the whole nest's iteration space, evaluated once before the loop."""
    if len(fors) == 1:
        return space_of(fors[0].iter, spaces[0])
    levels, outer = [], []
    for node, space in zip(fors, spaces, strict=True):
        made = space_of(node.iter, space)
        parameters = [
            target.id if isinstance(target, ast.Name) else f".{i}" for i, target in enumerate(outer)
        ]
        if read_names([made]) & set(parameters):
            made = thunk(made, *parameters)
        levels.append(made)
        outer.append(node.target)
    return call("Nest", *levels)


def space_of(node, space):
    """An iterable expression as something with a length that can be sliced."""
    kind, *parts = space
    if kind == "range":
        return node
    if kind == "sequence":
        return call("sequence", node)
    inner = [space_of(argument, part) for argument, part in zip(node.args, parts, strict=False)]
    rest = node.args[len(parts) :]
    keywords = {keyword.arg: keyword.value for keyword in node.keywords}
    function = {"reversed": "Reversed", "enumerate": "enumerated", "zip": "zipped"}[kind]
    return call(function, *inner, *rest, **keywords)


def simd(rewriter, directive, leaves, body):
    """Executed as it stands; a function is needed only to keep private variables apart."""
    private = privates(leaves)
    plain = all(v.reduction or v.last or v.linear is not None or not v.explicit for v in private.values())
    if plain:
        return in_order(rewriter, directive, body)
    return run_here(rewriter, directive, only_private(leaves), [], body, "<omp simd>")


def simd_parts(rewriter, directive, leaves, body):
    return in_order(rewriter, directive, body), []


def in_order(rewriter, directive, body):
    """A construct's loops, run as they stand."""
    if not directive.generated:
        return rewriter.block(body)
    nest = GeneratedNest(directive, body)
    headers = directive.generated["affected"]
    return nest.prepare() + nest.loop_(rewriter, headers, directive.generated["body"]) + nest.last_values()


def only_private(leaves):
    """The leaf without the clauses that a loop executed in order fulfils by itself."""
    leaf = leaves[0]
    leaf.vars = [var for var in leaf.vars if var.sharing in ("private", "shared")]
    return leaves
