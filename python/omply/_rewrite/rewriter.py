"""The walk over a function's statements: directives are replaced by what their construct's module makes of them, all
other statements stay as they are. On the way it is noted which names are sure to have a value at each place.
"""

import ast
import copy

from . import (
    allocate,
    atomic,
    blocks,
    cancellation,
    dependences,
    dispatch,
    distribute,
    errors,
    kinds,
    loops,
    parallel,
    target,
    tasks,
    transformations,
    watch,
)
from .nodes import clause_expression, locate
from .scopes import FUNCTIONS, Scope, bound_names, forgotten_names, names_bound_from_inside

ASSIGNING = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Import, ast.ImportFrom, *FUNCTIONS, ast.ClassDef)

TRANSFORMATIONS = ("tile", "unroll", "reverse", "interchange", "split", "stripe", "fuse", "flatten")

# By the outermost leaf of a directive; each takes (rewriter, directive, leaves, body) and returns statements.
CONSTRUCTS = {
    "parallel": parallel.parallel,
    "teams": parallel.teams,
    "distribute": distribute.distribute,
    "for": loops.worksharing_loop,
    "simd": loops.simd,
    "loop": distribute.loop_construct,
    "scope": blocks.scope,
    "sections": blocks.sections,
    "single": blocks.single,
    "masked": blocks.masked,
    "critical": blocks.critical,
    "ordered": blocks.ordered,
    "barrier": blocks.barrier,
    "cancel": cancellation.cancel,
    "cancellation_point": cancellation.cancel,
    "flush": blocks.flush,
    "atomic": atomic.atomic,
    "threadprivate": blocks.nothing,
    "groupprivate": blocks.nothing,
    "allocate": allocate.directive,
    "assumes": blocks.nothing,
    "begin assumes": blocks.nothing,
    "assume": blocks.as_it_stands,
    "nothing": blocks.as_it_stands,
    "error": errors.error,
    "dispatch": dispatch.dispatch,
    "interop": dispatch.interop,
    "declare_reduction": blocks.nothing,
    "declare_induction": blocks.nothing,
    "scan": blocks.nothing,
    "task": tasks.task,
    "taskloop": tasks.taskloop,
    "taskgraph": tasks.taskgraph,
    "taskgroup": tasks.taskgroup,
    "taskwait": tasks.taskwait,
    "taskyield": tasks.taskyield,
    "depobj": dependences.depobj,
    "declare_target": blocks.nothing,
    "begin declare_target": blocks.nothing,
    "end declare_target": blocks.nothing,
    "target": target.target,
    "target_data": target.target_data,
    "target_enter_data": target.moved,
    "target_exit_data": target.moved,
    "target_update": target.moved,
    **dict.fromkeys(TRANSFORMATIONS, transformations.transformation),
}

# Constructs whose data-sharing clauses can be carried out by the function of an enclosing leaf.
WITH_RESULTS = {
    "distribute": distribute.distribute_parts,
    "for": loops.loop,
    "loop": distribute.loop_parts,
    "sections": blocks.sections_parts,
    "simd": loops.simd_parts,
    "taskloop parts": tasks.taskloop_parts,
}


class Rewriter:
    def __init__(self, facts, filename, node, prepared):
        self.facts = facts
        self.filename = filename
        self.globals = prepared.globals
        self.nonlocals = prepared.nonlocals
        self.forgotten = forgotten_names(node)
        self.bound_from_inside = names_bound_from_inside(node)
        self.watches = watch.enabled()
        # Where a program chooses between directives: the one whose block is being rewritten.
        self.chosen = None
        # The names that `allocate` directives list, with allocator and alignment.
        self.allocated = {}
        # The variables of the loops around whose iterations wait for each other, innermost last.
        self.doacross = []
        # Names bound in the outermost construct being rewritten: other threads may change these.
        self.bound_in_region = set()
        for directive in facts.directives:
            self.add_names_bound_by_clauses(directive)
            self.bound_from_inside |= names_bound_by_tasks(directive)
        parameters = {part.arg for part in ast.walk(node.args) if isinstance(part, ast.arg)}
        names = (bound_names(node.body) | parameters) - self.globals - self.nonlocals
        # What one alternative of a choice has for itself may be the function's in another one.
        for directive in () if facts.chooses else facts.directives:
            names.difference_update(directive.locals)
        self.scope = Scope(None, names | parameters, parameters - self.forgotten)
        self.scope.parameters = parameters

    def add_names_bound_by_clauses(self, directive):
        """A reduction or `lastprivate` of a global is an assignment to it."""
        for region in directive.regions:
            for var in region.vars:
                if (
                    var.sharing in ("reduction", "lastprivate", "linear", "induction")
                    or var.name in region.copyprivate
                ):
                    if var.scope == "module":
                        self.globals.add(var.name)
                    elif var.scope == "free":
                        self.nonlocals.add(var.name)

    def function(self, node, first_line):
        """Rewrites the body of the whole function, whose code begins at `first_line`."""
        if ast.get_docstring(node, clean=False) is not None:
            del node.body[0]  # the function object has it
        body = self.block(node.body)
        head = self.declarations(self.scope, body, self.globals, self.nonlocals)
        node.body = locate(head, (first_line, node.col_offset, first_line, node.col_offset)) + body

    def declarations(self, scope, body, global_names, nonlocal_names):
        """What a function has to say at its top about its names."""
        head = []
        if global_names:
            head.append(ast.Global(sorted(global_names)))
        if nonlocal_names:
            head.append(ast.Nonlocal(sorted(nonlocal_names)))
        for name in sorted(scope.needed - scope.parameters - bound_names(body, nested=False)):
            # Never executed: makes the name one of this function's, for the inner function that binds it.
            head.append(
                ast.If(
                    ast.Constant(False), [ast.Assign([ast.Name(name, ast.Store())], ast.Constant(None))], []
                )
            )
        return head + dependences.key_assignments(scope)

    def block(self, statements):
        made = []
        for statement in statements:
            made.extend(self.statement(statement))
        return made or [ast.copy_location(ast.Pass(), statements[0])]

    def branch(self, statements, also=()):
        """Rewrites a block that may not be executed, or not to its end; returns it and the names it surely binds."""
        before = self.scope.definite
        self.scope.definite = before | (set(also) - self.forgotten)
        made = self.block(statements) if statements else []
        after = self.scope.definite
        self.scope.definite = before
        return made, after

    def statement(self, node):
        directives = self.directives_at(node)
        if directives and isinstance(node, (ast.With, ast.Expr)):
            return self.alternatives(directives, node.body if isinstance(node, ast.With) else [])
        if isinstance(node, ast.If):
            node.body, first = self.branch(node.body)
            node.orelse, second = self.branch(node.orelse)
            self.scope.definite = first & second
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            node.body, _ = self.branch(node.body, bound_names([node.target]))
            node.orelse, _ = self.branch(node.orelse)
        elif isinstance(node, ASSIGNING):
            if not isinstance(node, ast.AnnAssign) or node.value is not None:
                self.scope.definite = self.scope.definite | (bound_names([node]) - self.forgotten)
            return allocate.assigned(self, node)
        else:
            self.blocks_of(node)
        return [node]

    def blocks_of(self, node):
        """Rewrites the blocks of `while`, `with`, `try`, `match` and of their clauses, none of which is sure to run to
        its end."""
        for field in ("body", "orelse", "finalbody"):
            if getattr(node, field, None):
                made, _ = self.branch(getattr(node, field))
                setattr(node, field, made)
        for clause in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            self.blocks_of(clause)

    def directives_at(self, node):
        """The directives of a statement: several where the program chooses between them when it runs."""
        found = self.facts.at.get((node.lineno, node.col_offset), ())
        chosen = self.chosen
        return [directive for directive in found if chosen is None or directive.inside(chosen)]

    def alternatives(self, directives, body):
        """The first directive whose conditions hold, each with its own copy of the block; the last has no conditions."""
        directive, *others = directives
        if not directive.when:
            if not self.facts.chooses:
                return self.directive(directive, body)
            outer, self.chosen = self.chosen, directive
            made = self.directive(directive, body)
            self.chosen = outer
            return made
        before, outer = self.scope.definite, self.chosen
        test = ast.BoolOp(ast.And(), [clause_expression(condition) for condition in directive.when])
        test = test if len(test.values) > 1 else test.values[0]
        self.chosen = directive
        made = self.directive(directive, copy.deepcopy(body))
        after, self.scope.definite, self.chosen = self.scope.definite, before, outer
        rest = self.alternatives(others, body)
        self.scope.definite = self.scope.definite & after
        return locate([ast.If(test, made, rest)], directive.head)

    def directive(self, directive, body):
        if kinds.choices(directive):
            return kinds.decided(self, directive, body)
        return self.made(directive, body)

    def made(self, directive, body):
        leaves = directive.regions
        loops.by_one_thread(directive)
        made = self.construct(directive, leaves, body)
        if self.watches:
            made = watch.watched(self, directive, made)
        return locate(made, directive.head)

    def construct(self, directive, leaves, body):
        """The leaves that are left of a compound directive, as a construct of their own."""
        return CONSTRUCTS[leaves[0].leaf](self, directive, leaves, body)

    def parts(self, directive, leaves, body):
        """A construct inside of the function that carries out its data-sharing clauses: its statements, and the
        results it leaves behind as (kind, variable, expression)."""
        if not leaves:
            return self.block(body), []
        if leaves[0].leaf in WITH_RESULTS:
            return WITH_RESULTS[leaves[0].leaf](self, directive, leaves, body)
        return self.construct(directive, leaves, body), []

    def place(self, directive):
        return ast.Constant(f"{self.filename}:{directive.head[0]}")


def names_bound_by_tasks(directive):
    """Shared names that a task binds: they may change at any time after the task has been generated."""
    return {
        var.name
        for region in directive.regions
        if region.leaf in ("task", "taskloop") or (region.leaf == "target" and region.nowait)
        for var in region.vars
        if var.sharing == "shared" and var.written
    }
