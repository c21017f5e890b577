"""`lastprivate(conditional: ...)`: each thread remembers the number of the last piece of the loop in which it has assigned the
variable, and the value; the team finds out whose piece comes last. A piece begins with the variable unbound, so that its end shows
whether it was assigned; pieces are what a thread gets at once, a chunk or a section, whose own order is that of the program.
"""

import ast

from .nodes import assign, call, constant, load, thunk


def can_be_told(directive):
    """Whether pieces have numbers that count for the whole construct."""
    leaves = {region.leaf for region in directive.regions}
    if "distribute" in leaves or not leaves & {"for", "sections"}:
        return False
    return not directive.nest or directive.nest[0]["space"][0] != "iterable"


def place(variable):
    return f".last {variable.name}"


def none_yet(variables):
    return [assign(place(variable), constant(None)) for variable in variables]


def watched(variables, number, piece):
    """The statements of a piece with that number, and what they assign."""
    before, after = [], []
    for variable in variables:
        before.append(assign(variable.name, constant(None)))
        before.append(ast.Delete([ast.Name(variable.name, ast.Del())]))
        value = call("peek", thunk(load(variable.name)))
        after.append(assign(place(variable), call("later", load(place(variable)), number, value)))
    return [*before, *piece, *after]


def results(variables):
    """What a construct's function returns: the value on the thread with the last assignment."""
    return [("last", variable, call("of_last", load(place(variable)))) for variable in variables]
