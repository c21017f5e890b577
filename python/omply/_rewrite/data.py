"""Data sharing: the function that a construct becomes, so that its private variables are locals of that function.

Shared variables stay the enclosing function's (`nonlocal`). Firstprivate ones, and those that the construct only reads,
are parameters. What reductions and `lastprivate` leave is returned.
"""

import ast
import copy
import sys

from .nodes import (
    GRAPH,
    assign,
    call,
    clause_expression,
    constant,
    function,
    if_unbound,
    load,
    locate,
    statement,
    team,
    thunk,
    tuple_of,
    unless_unbound,
)
from .nodes import item as item_of
from .operators import operator
from .scopes import Scope, bound_names, read_names

FREE_THREADED = not getattr(sys, "_is_gil_enabled", lambda: True)()


class Private:
    """What the leaves of a construct together say of a variable that they make private."""

    def __init__(self, name):
        self.name = name
        self.explicit = False
        self.first = False
        self.last = False
        self.conditional = False
        self.reduction = None
        self.section = None
        self.everyone = False
        self.saved = False  # a repeated taskgraph has kept its value
        self.tasks = False  # tasks take part in the reduction
        self.linear = None
        self.allocate = None
        self.of_kind = None


class Law:
    """How a linear or induction variable follows the iterations."""

    def __init__(self, var):
        self.op = var.op or "+"
        self.step = clause_expression(var.step_expression) if var.step_expression else constant(var.step)


def privates(leaves):
    """The variables that are private to the construct made of these leaves, by name."""
    found = {}
    for leaf in leaves:
        for var in leaf.vars:
            if var.sharing in ("shared", "threadprivate"):
                continue
            private = found.setdefault(var.name, Private(var.name))
            private.explicit |= var.origin == "explicit"
            private.allocate = private.allocate or var.allocate
            private.first |= var.sharing == "firstprivate" or var.first
            private.of_kind = var.of_kind if var.sharing == "of kind" else private.of_kind
            private.last |= var.sharing == "lastprivate"
            private.conditional |= var.conditional
            if var.sharing == "reduction":
                private.reduction = var.op
                private.section = var.section
                private.everyone = var.everyone
                private.tasks = var.modifier == "task"
            if var.sharing in ("linear", "induction") and var.origin == "explicit":
                private.linear = Law(var)
                private.last = True
    return found


def carried(leaves):
    """The leaves whose clauses the function of the first carries out: those up to the next with a function of its own."""
    for number, leaf in enumerate(leaves):
        if number and leaf.leaf in ("parallel", "masked"):
            return leaves[:number]
    return leaves


def locals_of(directive):
    """Names bound only inside of the directive's block, or of one nested in it."""
    names = set(directive.locals)
    for child in directive.children:
        names |= locals_of(child)
    return names


def names_bound_by(directive, body):
    """Names bound in a construct, those included that are bound by what its clauses leave behind."""
    names = bound_names(body)
    pending = [directive]
    while pending:
        here = pending.pop()
        pending += here.children
        names.update(here.binds)
        for leaf in here.regions:
            names.update(leaf.copyprivate)
            names.update(leaf.interop if leaf.leaf == "interop" else ())
            names.update(v.name for v in leaf.vars if v.sharing in ("reduction", "lastprivate"))
            names.update(
                v.name for v in leaf.vars if v.sharing in ("linear", "induction") and v.origin == "explicit"
            )
    return names


def outside(rewriter, leaves):
    """Whether a leaf makes a variable private that the enclosing function knows, too."""
    names = privates(leaves)
    known = rewriter.globals | rewriter.nonlocals
    return any(
        rewriter.scope.owner(name) is not None or name in known or private.explicit
        for name, private in names.items()
    )


def argument(rewriter, name):
    """The present value of a variable, `UNBOUND` if it has none."""
    if name in rewriter.scope.definite:
        return load(name)
    return call("peek", thunk(load(name)))


def make_function(rewriter, directive, leaves, inner, body, name, deferred=False, repeated=False):
    """Turns a construct into a function. Returns the statement that defines it, the arguments to call it with, and
    its results as (kind, variable) pairs; it returns a tuple of their values, or None if there are none. A `deferred`
    function may run when the enclosing one has gone on: it takes along the values that its own variables begin with, and
    nothing else; if it is `repeated`, these are copied once more for each call."""
    parent = rewriter.scope
    private = privates(leaves)
    if deferred and in_taskgraph(directive):
        for leaf in leaves:
            for saved in leaf.saved:
                private[saved].saved = True
    bound = names_bound_by(directive, body)
    inside = (bound & locals_of(directive)) | private.keys()
    global_names, nonlocal_names = set(), set()
    for shared in sorted(bound - inside):
        owner = parent.owner(shared)
        if owner is not None:
            owner.needed.add(shared)
            nonlocal_names.add(shared)
        elif shared in rewriter.globals:
            global_names.add(shared)
        elif shared in rewriter.nonlocals:
            nonlocal_names.add(shared)
        elif any(var.name == shared and var.sharing == "shared" for leaf in leaves for var in leaf.vars):
            # Local to a construct that stands in the function itself, such as `single` outside of any region.
            parent.names.add(shared)
            parent.needed.add(shared)
            nonlocal_names.add(shared)
        else:
            inside.add(shared)

    parameters, prologue = {}, []
    for variable in private.values():
        enter(rewriter, variable, parameters, prologue, deferred, repeated)
    surely = {v.name for v in private.values() if v.reduction or (v.first and v.name in parent.definite)}

    outermost = not rewriter.bound_in_region
    if outermost:
        rewriter.bound_in_region = bound
    definite = (parent.definite - inside) | (surely - rewriter.forgotten)
    rewriter.scope = scope = Scope(parent, inside, definite)
    if deferred:
        # Tasks of a task may end after it.
        scope.parts_go = {v.name: part_function(directive, v.name) for v in private.values() if v.reduction}
    scope.reduced_by_tasks = {v.name for v in private.values() if v.tasks}
    statements, results = rewriter.parts(directive, inner, body)
    rewriter.scope = parent
    for variable in private.values():
        if variable.reduction:
            value = load(variable.name)
            if variable.section:
                value = call("Section", value, load(f".section {variable.name}"))
            if variable.tasks:
                value = call("WithTasks", value, load(parts_name(variable.name)))
            results.append(("reduction", variable, value))

    taken = () if deferred else captures(rewriter, scope, bound, statements)
    for captured in sorted(taken):
        parameters[captured] = load(captured)
        if FREE_THREADED:
            prologue.append(assign(captured, call("own", load(captured))))
    if outermost:
        rewriter.bound_in_region = set()
    if results:
        statements.append(ast.Return(tuple_of(value for _, _, value in results)))
    scope.parameters = set(parameters)
    head = rewriter.declarations(scope, prologue + statements, global_names, nonlocal_names)
    made = function(name, parameters, head + prologue + statements)
    locate([made], directive.head)
    return made, list(parameters.values()), [(kind, variable) for kind, variable, _ in results]


def in_taskgraph(directive):
    """Whether a task construct is met by the task that meets a taskgraph around it."""
    around = directive.around
    while around is not None:
        leaves = [region.leaf for region in around.regions]
        if "taskgraph" in leaves:
            return True
        if not {"task", "taskloop", "parallel", "target", "teams"}.isdisjoint(leaves):
            return False
        around = around.around
    return False


def part_function(directive, name):
    """The function that combines a task's part of a reduction with the variable outside."""
    return f"<omp part of {name} {directive.id}>"


def parts_name(name):
    """The variable that holds what tasks contribute to a thread's copy."""
    return f".parts of {name}"


def enter(rewriter, variable, parameters, prologue, deferred, repeated):
    """How a private variable begins."""
    name = variable.name
    known = rewriter.scope.owner(name) or name in rewriter.globals or name in rewriter.nonlocals
    if variable.reduction:
        parameters[name] = argument(rewriter, name)
        if variable.section:
            index = f".section {name}"
            parameters[index] = ast.Subscript(
                team("INDEX"), clause_expression(variable.section).slice, ast.Load()
            )
            symbol = operator(rewriter, "reduction", variable.reduction)
            start = made_by("identity_of_section", variable, symbol, load(name), load(index))
        else:
            symbol = operator(rewriter, "reduction", variable.reduction)
            start = made_by("identity", variable, symbol, load(name))
        if variable.tasks:
            prologue.append(assign(parts_name(name), call("PartsOfTasks", copy.deepcopy(start))))
        prologue.append(assign(name, start))
    elif variable.linear is not None:
        parameters[name] = load(name)
        prologue.append(assign(f".linear {name}", load(name)))
        prologue.append(assign(f".step {name}", variable.linear.step))
    elif variable.of_kind:
        copied = call("copy_of_kind", *map(constant, variable.of_kind), argument(rewriter, name))
        parameters[name] = copied
        if not deferred:
            # Each thread makes its own.
            parameters[name] = argument(rewriter, name)
            prologue.append(assign(name, call("copy_of_kind", *map(constant, variable.of_kind), load(name))))
        prologue.append(if_unbound(load(name), [ast.Delete([ast.Name(name, ast.Del())])]))
    elif variable.first:
        parameters[name] = argument(rewriter, name)
        if deferred and variable.explicit:
            parameters[name] = made_by("copy", variable, parameters[name])
        if variable.saved:
            parameters[name] = ast.Call(
                ast.Attribute(load(GRAPH), "saved", ast.Load()), [parameters[name]], []
            )
        if not deferred or (repeated and variable.explicit):
            prologue.append(assign(name, made_by("copy", variable, load(name))))
        if name not in rewriter.scope.definite:
            prologue.append(if_unbound(load(name), [ast.Delete([ast.Name(name, ast.Del())])]))
    elif variable.explicit and known and not variable.last:
        # Only an array has something to hand on: its shape.
        parameters[name] = argument(rewriter, name)
        prologue.append(assign(name, made_by("fresh", variable, load(name))))
        prologue.append(if_unbound(load(name), [ast.Delete([ast.Name(name, ast.Del())])]))


def made_by(function, variable, *args):
    """A call that makes a copy, whose arrays come from where an `allocate` clause says."""
    if variable.allocate is None:
        return call(function, *args)
    return call("allocated", *map(given, variable.allocate), team(function), *args)


def given(clause):
    return clause_expression(clause) if clause else constant(None)


def captures(rewriter, scope, bound, statements):
    """Shared variables that nobody changes while the construct runs: each thread takes them along."""
    for name in read_names(statements):
        owner = scope.parent.owner(name)
        if owner is None or name in scope.names or name in bound:
            continue
        if name not in scope.parent.definite or name in rewriter.bound_from_inside:
            continue
        if owner.parent is None and name in rewriter.bound_in_region:
            continue
        yield name


def run_here(rewriter, directive, leaves, inner, body, name):
    """A construct inside of a team whose clauses need a function: its definition, the call, and what becomes of its
    results. `inner` are the leaves that remain to be carried out inside."""
    made, arguments, results = make_function(rewriter, directive, leaves, inner, body, name)
    called = ast.Call(load(name), arguments, [])
    if not results:
        return [made, statement(called)]
    statements = [made, assign(".results", called)]
    combined = []
    if any(variable.tasks for _, variable in results):
        # The team's tasks are complete behind it.
        statements.append(statement(call("barrier")))
    first_and_last = [v for _, v in results if v.last and (v.first or v.linear)]
    if first_and_last and leaves[0].leaf in ("for", "sections"):
        # The variables outside are not changed before every thread has read them.
        statements.append(statement(call("barrier")))
    for index, (kind, variable) in enumerate(results):
        value = item_of(load(".results"), index)
        if kind == "reduction" and variable.everyone:
            # Each thread combines all parts with an original of its own.
            symbol = operator(rewriter, "reduction", variable.reduction)
            value = call("everyone", symbol, load(variable.name), value)
            statements.append(assign(variable.name, value))
        elif kind == "reduction":
            original = load(variable.name)
            value = call("combine", operator(rewriter, "reduction", variable.reduction), original, value)
            combined.append(assign(variable.name, value))
        else:
            statements.append(
                unless_unbound(value, [assign(variable.name, item_of(load(".results"), index))])
            )
    if combined:
        statements.append(ast.With([ast.withitem(call("Turn"))], combined))
    return statements


def last_value(name, definite, where):
    """`name if where.last else UNBOUND`"""
    value = load(name) if name in definite else call("peek", thunk(load(name)))
    return ast.IfExp(ast.Attribute(load(where), "last", ast.Load()), value, team("UNBOUND"))


def take_results(rewriter, run, results):
    """Executes a call that returns the results of several runs of a construct's function, and gives the variables outside what
    these leave."""
    if not results:
        return [statement(run)]
    statements = [assign(".results", run)]
    for index, (kind, variable) in enumerate(results):
        if kind == "reduction":
            original = load(variable.name)
            value = call(
                "total",
                operator(rewriter, "reduction", variable.reduction),
                original,
                load(".results"),
                constant(index),
            )
            statements.append(assign(variable.name, value))
        else:
            statements.append(assign(".latest", call("latest", load(".results"), constant(index))))
            statements.append(unless_unbound(load(".latest"), [assign(variable.name, load(".latest"))]))
    return statements
