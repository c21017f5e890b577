"""Names: what statements bind, what nodes read, and the scopes that rewriting makes."""

import ast

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (*FUNCTIONS, ast.Lambda, ast.ClassDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Binder(ast.NodeVisitor):
    """Collects the names that code binds in its own scope, also by way of nested functions if these are to count."""

    def __init__(self, nested):
        self.names = set()
        self.nested = nested

    def visit_Name(self, node):
        if not isinstance(node.ctx, ast.Load):
            self.names.add(node.id)

    def visit_FunctionDef(self, node):
        self.names.add(node.name)
        for part in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults):
            if part is not None:
                self.visit(part)
        self.inner(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        self.names.add(node.name)
        for part in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
            self.visit(part)
        self.inner(node)

    def visit_Lambda(self, node):
        for part in (*node.args.defaults, *node.args.kw_defaults):
            if part is not None:
                self.visit(part)

    def inner(self, node):
        """A nested scope binds names of this one where it declares them nonlocal."""
        for part in ast.walk(node) if self.nested else ():
            if isinstance(part, ast.Nonlocal):
                self.names.update(part.names)

    def comprehension(self, node):
        # Its targets are its own; what `:=` binds is not.
        for part in ast.walk(node):
            if isinstance(part, ast.NamedExpr):
                self.names.add(part.target.id)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehension

    def visit_Import(self, node):
        for alias in node.names:
            self.names.add((alias.asname or alias.name).partition(".")[0])

    visit_ImportFrom = visit_Import

    def visit_ExceptHandler(self, node):
        if node.name:
            self.names.add(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node):
        if node.name:
            self.names.add(node.name)
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node):
        if node.rest:
            self.names.add(node.rest)
        self.generic_visit(node)


def bound_names(nodes, nested=True):
    """The names that nodes bind in the scope they stand in."""
    binder = Binder(nested)
    for node in nodes:
        binder.visit(node)
    return binder.names


def read_names(nodes):
    """The names that nodes read, nested scopes included."""
    return {
        part.id
        for node in nodes
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
    }


def forgotten_names(function):
    """Names that may lose their value: deleted, or bound by an `except`."""
    names = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
            names.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
    return names


def names_bound_from_inside(function):
    """Names that a nested function binds by `nonlocal`: calling it may change them at any time."""
    return {name for node in ast.walk(function) if isinstance(node, ast.Nonlocal) for name in node.names}


class Scope:
    """A function that rewriting makes or changes."""

    def __init__(self, parent, names, definite):
        self.parent = parent
        self.names = set(names)  # bound in this function itself
        self.definite = set(definite)  # have a value, whatever way was taken to the present place
        self.needed = set()  # declared nonlocal by inner functions
        self.parameters = set()
        self.keys = set()  # variables that dependences name
        self.reduced_by_tasks = set()  # copies of reductions that tasks take part in
        self.parts_go = {}  # a task's copies: functions that combine parts with what they are copies of

    def owner(self, name):
        scope = self
        while scope is not None and name not in scope.names:
            scope = scope.parent
        return scope


class Prepare(ast.NodeTransformer):
    """Makes a function's text ready to be moved into inner functions: `global` and `nonlocal` statements go (they are
    declared anew where needed), `super()` gets its arguments, threadprivate names become attributes of their storage."""

    def __init__(self, first_parameter, threadprivate, storage):
        self.first_parameter = first_parameter
        self.threadprivate = set(threadprivate)
        self.storage = storage
        self.globals = set()
        self.nonlocals = set()
        self.depth = 0

    def visit_Global(self, node):
        if self.depth:
            return node
        self.globals.update(node.names)
        return ast.copy_location(ast.Pass(), node)

    def visit_Nonlocal(self, node):
        if self.depth:
            return node
        self.nonlocals.update(node.names)
        return ast.copy_location(ast.Pass(), node)

    def nested(self, node):
        self.depth += 1
        outer = self.threadprivate
        if isinstance(node, (*FUNCTIONS, ast.Lambda)):
            parameters = {part.arg for part in ast.walk(node.args) if isinstance(part, ast.arg)}
            body = node.body if isinstance(node.body, list) else []
            self.threadprivate = outer - parameters - bound_names(body)
        self.generic_visit(node)
        self.threadprivate = outer
        self.depth -= 1
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = nested

    def visit_Call(self, node):
        self.generic_visit(node)
        plain_super = isinstance(node.func, ast.Name) and node.func.id == "super"
        if plain_super and not node.args and not node.keywords and not self.depth and self.first_parameter:
            for name in ("__class__", self.first_parameter):
                node.args.append(ast.copy_location(ast.Name(name, ast.Load()), node))
        return node

    def visit_Name(self, node):
        if node.id not in self.threadprivate:
            return node
        place = ast.copy_location(ast.Name(self.storage, ast.Load()), node)
        return ast.copy_location(ast.Attribute(place, node.id, node.ctx), node)
