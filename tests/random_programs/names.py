"""What a piece of a program may do with each name where it stands, so that its result depends on no order of execution.

Every name has one of these states in a scope:

| state | meaning |
|---|---|
| own | no other thread touches it meanwhile: read and written at will |
| read | several threads may read it, nobody writes it |
| team | shared by a team and untouched since the team's last barrier: a construct may take it |
| seen | like `team`, but threads have read it since the last barrier: it may be read, not written |
| busy | somebody else may be writing it |
| add | a reduction's copy: added to by one operator, not read |
| atomic | any number of threads add to it by one operator, atomically or in a critical region; nobody reads it |
| cell | an array of which this iteration has elements of its own |
| unset | without a certain value until it is assigned; then `own` |
| lost | shared by a team, without a certain value; used no more |
| turn | each iteration in its turn reads and writes it, inside of `ordered` |
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """A name's type. `shape` is empty for a scalar, else holds the names of the array's extents."""

    kind: str
    dtype: str = ""
    shape: tuple = ()


@dataclass(frozen=True)
class State:
    """A name's state; `op` for `add` and `atomic`, `index` for `cell`: a text for each dimension, None where any will do."""

    what: str
    op: str = ""
    index: tuple = ()


OWN, READ, TEAM, SEEN, BUSY, UNSET, LOST, TURN = map(
    State, ("own", "read", "team", "seen", "busy", "unset", "lost", "turn")
)

READABLE = ("own", "read", "team", "seen")

PARAMETERS = {
    "a": Variable("int", "int64", ("n",)),
    "b": Variable("int", "int64", ("n",)),
    "d": Variable("int", "int32", ("n",)),
    "h": Variable("int", "uint8", ("n",)),
    "u": Variable("float", "float64", ("n",)),
    "v": Variable("float", "float32", ("n",)),
    "w": Variable("bool", "bool", ("n",)),
    "z": Variable("complex", "complex128", ("n",)),
    "g": Variable("int", "int64", ("p", "q")),
    "c": Variable("float", "float64", ("p", "q")),
    "e": Variable("int", "int64", ("l",)),
    "n": Variable("int"),
    "p": Variable("int"),
    "q": Variable("int"),
    "l": Variable("int"),
    "k": Variable("int"),
    "x": Variable("float"),
    "y": Variable("float"),
    "flag": Variable("bool"),
}
EXTENTS = ("n", "p", "q", "l")
ARRAYS = [name for name, variable in PARAMETERS.items() if variable.shape]

# What reduces a kind, in the order from the plainest. Products stay between -1 and 1 in every factor.
OPERATORS = {
    "int": ("+", "max", "min", "^", "|", "&", "*", "-"),
    "float": ("+", "max", "min", "-"),
    "bool": ("or", "and"),
    "complex": ("+",),
}
# To apply these once or several times is the same.
IDEMPOTENT = ("max", "min", "|", "&", "or", "and")


def after_branch(before, after):
    """The states after something that may not have been executed."""
    strict = {"team": 0, "seen": 1, "atomic": 2, "busy": 3}
    merged = {}
    for name, old in before.items():
        new = after[name]
        if old.what in strict and new.what in strict:
            merged[name] = new if strict[new.what] >= strict[old.what] else old
        elif new in (UNSET, LOST):
            merged[name] = new
        else:
            merged[name] = old
    return merged
