"""What the analysis reports of a function, as the extension module hands it over (`crates/python/src/pymode/facts.rs`).

Places are tuples (line, column, end line, end column) as `ast` counts them. Clause expressions are tuples (text, line, column).
"""


class Record:
    """Takes its fields from a dict."""

    def __init__(self, fields):
        self.__dict__.update(fields)


class Var(Record):
    """A variable that a region decides about."""

    name: str
    scope: str  # param, local, nonlocal, global: bound by the function; free, module: only read by it
    sharing: str  # shared, private, firstprivate, lastprivate, reduction, linear, induction, threadprivate
    origin: str  # explicit, predetermined, implicit
    op: "str | None"  # of a reduction or induction
    section: "tuple | None"  # of a reduction: `name[...]`
    modifier: "str | None"  # of a reduction: inscan, task
    conditional: bool  # of a lastprivate
    first: bool  # a lastprivate that is firstprivate as well
    everyone: bool  # of a reduction whose originals are private: each thread's receives the result
    step: "int | None"  # of a linear, where it is a literal
    step_expression: "tuple | None"  # of an induction, and of other linears
    of_kind: "tuple | None"  # category and sharing (or "none"): what it is if it holds such a thing; else `sharing` holds
    allocate: "list | None"  # allocator and alignment of the copy's memory, each an expression or None
    read: bool
    written: bool
    read_after: bool


class Region(Record):
    """One leaf of a directive with its clauses."""

    leaf: str
    vars: list
    if_: "tuple | None"
    num_threads: list
    strict: bool
    proc_bind: "str | None"
    schedule: "str | None"
    chunk: "tuple | None"
    collapse: int
    ordered: "int | None"
    nowait: "bool | tuple"
    copyin: list
    copyprivate: list
    filter: "tuple | None"
    num_teams: "tuple | None"  # lower bound or None, upper bound
    thread_limit: "tuple | None"
    dist_chunk: "tuple | None"  # of dist_schedule
    doacross: "tuple | None"  # ("source",), ("previous",), ("sink", [(loop variable, offset or None)])
    cancel: "str | None"  # of a cancel or cancellation point: parallel, for, sections, taskgroup
    bind: "str | None"  # of a loop: teams, parallel, thread
    name: "str | None"
    final: "tuple | None"
    priority: "tuple | None"
    detach: "str | None"  # the variable that gets the task's event
    transparent: "bool | tuple"
    grainsize: "tuple | None"  # expression, strict
    num_tasks: "tuple | None"  # expression, strict
    nogroup: "bool | tuple"
    depends: (
        list  # (type, items, iterators); items are ("name", name, scope), ("part", expression) or ("all",)
    )
    task_reductions: list  # what a taskgroup reduces
    graph_id: "tuple | None"
    graph_reset: "tuple | None"
    saved: list  # of firstprivate variables, those whose values a repeated taskgraph has kept
    depobj: "tuple | None"  # item, "init", "update" or "destroy", and a dependence or a type
    switches: dict  # of a dispatch: novariants, nocontext
    interop: list  # of a dispatch: what it appends
    interop_actions: list  # of an interop: (init, use or destroy; object; types; preferred runtimes)
    message: "tuple | None"  # of an error
    warns: bool  # severity(warning)
    at_execution: bool  # of an error
    device: "tuple | None"
    maps: list  # (clause, item as written, map type and modifiers, implied) of clauses about devices' memory
    atomic: "dict | None"  # kind, location (place), values (places)
    allocate: "tuple | None"  # of an allocate: its names, and allocator and alignment
    inert: list  # (text, line, column, reason)

    def __init__(self, fields):
        super().__init__(fields)
        self.vars = [Var(var) for var in self.vars]
        # One thread executes the sections, in the order of the program.
        self.in_order = False


class Directive(Record):
    """A directive and where it stands."""

    id: int
    parent: "int | None"
    name: str
    place: tuple
    head: tuple
    block: bool
    locals: list  # names bound in its block only
    regions: list  # its leaves, outermost first
    binds: list  # names that its clauses give a value
    when: list  # conditions under which it is chosen
    nest: "list | None"  # dicts: place of the `for` statement, space
    generated: "dict | None"  # what loop transformations make of the nest's loops

    def __init__(self, fields):
        super().__init__(fields)
        self.regions = [Region(region) for region in self.regions]
        # The variables of loops that run as they stand: nothing else makes these private.
        for region in self.regions:
            if region.leaf in ("simd", "loop"):
                own = (v.name for v in region.vars if v.sharing == "private" and v.origin == "predetermined")
                self.locals = [*self.locals, *own]
        self.children = []
        self.around = None  # the directive whose block it stands in
        # The variable that holds the part of the iteration space which the loop leaf runs over, if that is not all of it.
        self.part = None

    def inside(self, other):
        """Whether it stands in the other's block."""
        return self.around is other or (self.around is not None and self.around.inside(other))


class Function(Record):
    """A function and its directives, by position."""

    name: str
    place: tuple
    text: str
    threadprivate: list
    groupprivate: list  # those of them that are one for each contention group
    declared: list  # operators: dicts of kind, name, in_module, types, first and second expression
    directives: list

    def __init__(self, fields):
        super().__init__(fields)
        self.directives = [Directive(directive) for directive in self.directives]
        by_id = {directive.id: directive for directive in self.directives}
        self.at = {}
        for directive in self.directives:
            if directive.parent is not None:
                directive.around = by_id[directive.parent]
                directive.around.children.append(directive)
            self.at.setdefault(directive.place[:2], []).append(directive)
        # Whether the program chooses between directives when it runs, so that some places have several.
        self.chooses = any(directive.when for directive in self.directives)
