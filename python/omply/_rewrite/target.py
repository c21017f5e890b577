"""`target` and what moves data for it. CPython's code runs on the host, where there is nothing to move: what remains is which
variables the region has for itself, and when it runs."""

from .data import make_function
from .dependences import dependences
from .nodes import call, clause_expression, constant, load, statement, tuple_of, with_
from .nodes import team as member
from .tasks import optional


def target(rewriter, directive, leaves, body):
    """A container that no clause lists stays what it is, as memory that is mapped; a number is copied."""
    leaf = leaves[0]
    name = f"<omp {directive.name}>"
    # Nothing is copied that no clause lists, as for tasks.
    made, arguments, _ = make_function(rewriter, directive, [leaf], leaves[1:], body, name, deferred=True)
    clauses = [optional(leaf.device), optional(leaf.if_), None]
    if leaf.thread_limit and not any(inner.leaf == "teams" for inner in leaves[1:]):
        clauses[2] = clause_expression(leaf.thread_limit)
    clauses = [clause or constant(None) for clause in clauses]
    run = [load(name), tuple_of(arguments), *clauses]
    deferred = task_of(rewriter, directive, leaf, member("target"), run)
    return [made, deferred or statement(call("target", *run))]


def target_data(rewriter, directive, leaves, body):
    """What the block generates is complete at its end, as long as nobody says otherwise."""
    leaf = leaves[0]
    block = rewriter.block(body)
    depend = dependences(rewriter, leaf)
    awaited = [statement(call("taskwait", depend=depend))] if depend else []
    return [*awaited, check(leaf), *(block if leaf.nogroup is True else [with_(call("TaskGroup"), block)])]


def moved(rewriter, directive, leaves, body):
    leaf = leaves[0]
    deferred = task_of(rewriter, directive, leaf, member("nothing"), [])
    return [check(leaf), *([deferred] if deferred else [])]


def check(leaf):
    return statement(call("check_device", device=optional(leaf.device), if_=optional(leaf.if_)))


def task_of(rewriter, directive, leaf, function, arguments):
    """The task that executes a construct with `nowait` or `depend`, if it has any of these."""
    if not leaf.nowait and not leaf.depends:
        return None
    if isinstance(leaf.nowait, bool):
        waits = None if leaf.nowait else constant(False)
    else:
        waits = clause_expression(leaf.nowait)
    generate = call(
        "task",
        function,
        tuple_of(arguments),
        rewriter.place(directive),
        if_=waits,
        priority=optional(leaf.priority),
        depend=dependences(rewriter, leaf),
    )
    return statement(generate)
