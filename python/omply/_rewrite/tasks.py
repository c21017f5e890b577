"""Tasking: a task's block becomes a function, which the runtime calls now or later, with the values that its private variables
have where the task is generated."""

import ast

from .cancellation import leavable_task
from .data import last_value, make_function, part_function, parts_name, privates, take_results
from .dependences import dependences
from .loops import linear_start, nest_of
from .nodes import (
    GRAPH,
    assign,
    call,
    clause_expression,
    constant,
    critical_section,
    function,
    load,
    locate,
    statement,
    store,
    tuple_of,
    with_,
)
from .nodes import item as item_of
from .operators import operator

# The critical section in which tasks combine their parts of reductions with the variables outside.
PARTS = ".parts of tasks"


def task(rewriter, directive, leaves, body):
    leaf = leaves[0]
    name = f"<omp {directive.name}>"
    made, arguments, results = make_function(
        rewriter, directive, [leaf], leaves[1:], body, name, deferred=True
    )
    taken_in = take_in(rewriter, directive, made, results)
    made.body = locate(leavable_task(directive, made.body), directive.head)
    generate = call(
        "task",
        load(name),
        tuple_of(arguments),
        rewriter.place(directive),
        if_=optional(leaf.if_),
        final=optional(leaf.final),
        priority=optional(leaf.priority),
        depend=dependences(rewriter, leaf),
        detach=load(leaf.detach) if leaf.detach else None,
        transparent=impex(leaf),
    )
    event = [assign(leaf.detach, call("new_event"))] if leaf.detach else []
    return [*taken_in, made, *event, statement(generate)]


def take_in(rewriter, directive, made, results):
    """Has a task combine its parts of reductions with the variables outside when it ends."""
    if not results:
        return []
    parts = made.body.pop().value
    made.body.append(assign(".parts", parts))
    for index, (_, variable) in enumerate(results):
        # Looked up when the task ends, when another construct's may have come to stand beside it.
        combine = load(part_function(directive, variable.name))
        made.body.append(statement(ast.Call(combine, [item_of(load(".parts"), index)], [])))
    return part_functions(rewriter, directive, [variable for _, variable in results])


def part_functions(rewriter, directive, variables):
    """The functions that combine tasks' parts of reductions with the variables outside: they stand where these are known. Several
    tasks may do so, in any order."""
    functions = []
    for variable in variables:
        name = variable.name
        owner = rewriter.scope.owner(name)
        symbol = operator(rewriter, "reduction", variable.reduction)
        part = load(".part")
        if owner is not None and name in owner.parts_go:
            body = [statement(ast.Call(load(owner.parts_go[name]), [part], []))]
        elif owner is not None and name in owner.reduced_by_tasks:
            add = statement(call("add_part", symbol, load(parts_name(name)), part))
            body = [critical_section(PARTS, [add])]
        else:
            if owner is not None:
                owner.needed.add(name)
            kind = ast.Global if owner is None and name in rewriter.globals else ast.Nonlocal
            combined = assign(name, call("combine", symbol, load(name), part))
            body = [kind([name]), critical_section(PARTS, [combined])]
        functions.append(function(part_function(directive, name), {".part": None}, body))
    return locate(functions, directive.head)


def impex(leaf):
    """Both ways, or what the clause's expression says."""
    if isinstance(leaf.transparent, bool):
        return constant(3) if leaf.transparent else None
    return clause_expression(leaf.transparent)


class Parts:
    """Stands for the leaves of a `taskloop` inside of the function that carries out their data-sharing clauses."""

    leaf = "taskloop parts"

    def __init__(self, leaves):
        self.leaves = leaves


def taskloop(rewriter, directive, leaves, body):
    """The loop's function runs over a part of the iterations, `.chunk`; of `.loop` it learns which part that is."""
    leaf = leaves[0]
    depth = max(each.collapse for each in leaves)
    nest = nest_of(directive, body, depth)
    drawn = nest.spaces[0][0] == "iterable"
    prepared = nest.prepare()
    space = call("drawn", nest.fors[0].iter) if drawn else nest.space()
    name = f"<omp {directive.name}>"
    made, arguments, results = make_function(
        rewriter, directive, leaves, [Parts(leaves)], body, name, deferred=True, repeated=True
    )
    made.args.args[:0] = [ast.arg(".chunk"), ast.arg(".loop")]
    if directive.generated:
        # The tasks keep what their own loops run over.
        made.args.args.append(ast.arg(nest.given))
        made.args.defaults.append(load(nest.given))
    count, strict = leaf.grainsize or leaf.num_tasks or (None, False)
    run = call(
        "taskloop",
        load(name),
        tuple_of(arguments),
        space,
        rewriter.place(directive),
        grainsize=optional(leaf.grainsize and count),
        num_tasks=optional(leaf.num_tasks and count),
        strict=constant(True) if strict else None,
        nogroup=switch(leaf.nogroup) if not results else None,
        if_=optional(leaf.if_),
        final=optional(leaf.final),
        priority=optional(leaf.priority),
        transparent=impex(leaf),
    )
    taken = take_results(rewriter, run, results)
    if results:
        # Other tasks may combine their parts with the same variables.
        taken = [taken[0], critical_section(PARTS, taken[1:])]
    # Tasks that the loop's tasks generate combine theirs by themselves.
    reduced = [variable for kind, variable in results if kind == "reduction"]
    functions = part_functions(rewriter, directive, reduced)
    return prepared + functions + locate([made], directive.head) + taken


def switch(clause):
    """A clause that an expression may switch."""
    if isinstance(clause, bool):
        return constant(True) if clause else None
    return clause_expression(clause)


def taskloop_parts(rewriter, directive, leaves, body):
    leaves = leaves[0].leaves
    depth = max(each.collapse for each in leaves)
    private = privates(leaves)
    loops, definite = nest_of(directive, body, depth).over_chunks(rewriter, ".chunk")
    linear = [linear_start(rewriter, v) for v in private.values() if v.linear is not None]
    last = [v for v in private.values() if v.last]
    return linear + leavable_task(directive, loops), [
        ("last", v, last_value(v.name, definite, ".loop")) for v in last
    ]


def taskgroup(rewriter, directive, leaves, body):
    # What the group reduces takes the parts itself.
    scopes = [(rewriter.scope.owner(name), name) for name in leaves[0].task_reductions]
    kept = [
        (scope.parts_go, name, scope.parts_go.pop(name))
        for scope, name in scopes
        if scope and name in scope.parts_go
    ]
    block = rewriter.block(body)
    for functions, name, value in kept:
        functions[name] = value
    return [with_(call("TaskGroup"), block)]


def taskgraph(rewriter, directive, leaves, body):
    leaf = leaves[0]
    graph = call(
        "Taskgraph",
        rewriter.place(directive),
        graph_id=optional(leaf.graph_id),
        reset=optional(leaf.graph_reset),
        if_=optional(leaf.if_),
        nogroup=switch(leaf.nogroup),
    )
    return [ast.With([ast.withitem(graph, store(GRAPH))], rewriter.block(body) or [ast.Pass()])]


def taskwait(rewriter, directive, leaves, body):
    leaf = leaves[0]
    return [statement(call("taskwait", depend=dependences(rewriter, leaf), nowait=switch(leaf.nowait)))]


def taskyield(rewriter, directive, leaves, body):
    return [statement(call("taskyield"))]


def optional(clause):
    return clause_expression(clause) if clause else None
