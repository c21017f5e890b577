"""Small builders of `ast` nodes. Names of our own begin with a dot, so that no name of the user's can be meant."""

import ast

TEAM = ".omp"  # the cell that holds `omply._team`
THREADPRIVATE = ".threadprivate"  # the cell that holds the module's threadprivate storage

GRAPH = ".graph"  # holds the taskgraph around


def load(name):
    return ast.Name(name, ast.Load())


def store(name):
    return ast.Name(name, ast.Store())


def constant(value):
    return ast.Constant(value)


def team(name):
    """`omply._team`'s member of that name."""
    return ast.Attribute(load(TEAM), name, ast.Load())


def call(function, *args, **keywords):
    """A call of one of `omply._team`'s functions."""
    named = [ast.keyword(name, value) for name, value in keywords.items() if value is not None]
    return ast.Call(team(function), list(args), named)


def critical_section(name, body):
    """A critical section: its object is a member of `omply._team`, so that nothing has to be called to get it."""
    return with_(team("critical " + name), body)


def assign(name, value):
    return ast.Assign([store(name)], value)


def tuple_of(elements):
    return ast.Tuple(list(elements), ast.Load())


def item(value, index):
    return ast.Subscript(value, constant(index), ast.Load())


def statement(expression):
    return ast.Expr(expression)


def unless_unbound(value, statements):
    """`if value is not UNBOUND: statements`"""
    return ast.If(ast.Compare(value, [ast.IsNot()], [team("UNBOUND")]), statements, [])


def if_unbound(value, statements):
    return ast.If(ast.Compare(value, [ast.Is()], [team("UNBOUND")]), statements, [])


def thunk(expression, *parameters):
    """`lambda parameters: expression`"""
    return ast.Lambda(arguments(parameters), expression)


def arguments(names):
    return ast.arguments(
        posonlyargs=[], args=[ast.arg(name) for name in names], kwonlyargs=[], kw_defaults=[], defaults=[]
    )


def function(name, parameters, body):
    made = ast.FunctionDef(
        name=name, args=arguments(parameters), body=body or [ast.Pass()], decorator_list=[], returns=None
    )
    made.type_params = []
    return made


def with_(manager, body):
    return ast.With([ast.withitem(manager)], body or [ast.Pass()])


def locate(nodes, place):
    """Gives `place` to every node that has none yet: the user's own nodes keep theirs."""
    line, column, end_line, end_column = place
    for root in nodes:
        for node in ast.walk(root):
            if "lineno" in node._attributes and not hasattr(node, "lineno"):
                node.lineno, node.col_offset = line, column
                node.end_lineno, node.end_col_offset = end_line, end_column
    return nodes


def clause_expression(clause):
    """A clause's expression as a node, placed where its text stands."""
    text, line, column = clause
    node = ast.parse(f"({text})", mode="eval").body
    for part in ast.walk(node):
        if "lineno" in part._attributes:
            part.lineno = part.end_lineno = line
            part.col_offset, part.end_col_offset = column, column + len(text)
    return node


def place_of(node):
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
