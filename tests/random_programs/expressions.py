"""Expressions and serial statements of random programs, over the names that may be read and written where they stand.

Numbers mean the same in CPython and in machine code: ints stay far below 64 bits, and what is summed across threads is a
multiple of an eighth, whose sums are exact in any order.
"""

import contextlib
from dataclasses import dataclass, replace

from .names import (
    ARRAYS,
    EXTENTS,
    IDEMPOTENT,
    LOST,
    OWN,
    PARAMETERS,
    READ,
    READABLE,
    SEEN,
    TEAM,
    UNSET,
    Variable,
    after_branch,
)

HEADER = "import math\nimport numpy as np\nfrom omply import omp\n\n\n"


@dataclass(frozen=True)
class Place:
    """Where statements stand.

    `level` is `top` outside of all constructs, `team` in a region that every thread of a team executes, `league` for teams,
    `strand` where one thread is at work, `plain` where no further construct may stand. `once` says that what is done
    here is done once in all, as in the serial program, however many threads there are.
    """

    level: str = "top"
    once: bool = True
    depth: int = 0
    # How often it is executed, at most: loops inside of loops stay short.
    times: int = 1
    # (variable, extent that bounds it) of the loops around.
    loops: tuple = ()
    # The names that a barrier here synchronises.
    team: frozenset = frozenset()
    # Names that must have their values again in the next round of a loop.
    kept: frozenset = frozenset()


class Expressions:
    """The part of the generator that knows values. `states` says what may be done with each name."""

    def __init__(self, choices):
        self.choices = choices
        self.lines = []
        self.place = Place()
        self.variables = dict(PARAMETERS)
        self.states = {name: OWN if name in ARRAYS else READ for name in PARAMETERS}
        self.touched = set()
        self.written = set()
        self.count = 0
        self.budget = 1 + choices.below(24)
        self.indent = 1

    # ---- text

    def emit(self, text):
        self.lines.append("    " * self.indent + text)

    @contextlib.contextmanager
    def block(self, head):
        self.emit(head)
        self.indent += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.emit("pass")
        self.indent -= 1

    @contextlib.contextmanager
    def scope(self, states, copies=(), **place):
        """A scope with states of its own; yields the names it has read and written. Afterwards the old states hold.

        `copies` are names of which it has copies: writing to one changes the outer variable in the serial program alone, so
        that this has no certain value afterwards.
        """
        kept = self.states, self.place, self.touched, self.written
        self.states, self.place = dict(states), replace(self.place, **place)
        self.touched, self.written = set(), set()
        yield self.touched, self.written
        inner = self.states, self.touched, self.written
        self.states, self.place, self.touched, self.written = kept
        self.touched |= inner[1]
        self.written |= inner[2]
        for name, state in self.states.items():
            uncertain = inner[0].get(name) in (UNSET, LOST) or (name in copies and name in inner[2])
            if uncertain and state in (OWN, TEAM, SEEN):
                self.states[name] = UNSET if state == OWN else LOST

    def may_copy(self, name):
        """Whether a construct may have a copy of a name that it writes to."""
        return name not in self.place.kept and not self.variables[name].shape

    def fresh(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def declare(self, name, kind, state=OWN):
        self.variables[name] = Variable(kind)
        self.states[name] = state
        return name

    # ---- names

    def names(self, *what, kind=None, array=None):
        """The names in one of these states, of a kind, arrays or scalars or both."""
        return [
            name
            for name, state in self.states.items()
            if state.what in what
            and (kind is None or self.variables[name].kind == kind)
            and (array is None or bool(self.variables[name].shape) == array)
        ]

    def read(self, name):
        self.touched.add(name)
        if self.states[name].what == "team":
            self.states[name] = SEEN
        return name

    def write(self, name):
        self.touched.add(name)
        self.written.add(name)
        if self.states[name] == UNSET:
            self.states[name] = OWN
        return name

    def index(self, name, depth=0):
        """A subscript of an array that is in its bounds, one of the elements that may be touched here."""
        state = self.states[name]
        parts = []
        for number, extent in enumerate(self.variables[name].shape):
            given = state.index[number] if state.what == "cell" else None
            parts.append(given or self.subscript(extent, depth))
        return f"[{', '.join(parts)}]"

    def subscript(self, extent, depth):
        own = [variable for variable, bound in self.place.loops if bound == extent]
        form = self.choices.below(5)
        if own and form < 2:
            return self.choices.pick(own)
        if form == 2:
            return f"-1 - ({self.int(depth)}) % {extent}"
        if form == 3:
            return self.choices.pick(("0", "-1"))
        return f"({self.int(depth)}) % {extent}"

    # ---- expressions: `int`, `float`, `bool` give one of that kind

    def int(self, depth=1):
        form = self.choices.below(14 if depth > 0 else 4)
        if form < 4:
            return self.int_leaf(form, depth)
        one, two = self.int(depth - 1), self.int(depth - 1)
        if form < 8:
            return f"({one} {self.choices.pick('+-&^')} {two})"
        if form == 8:
            return f"({one} * {self.choices.pick((3, -2, 5))})"
        if form == 9:
            return f"({one} {self.choices.pick(('//', '%'))} {self.choices.pick((3, 7, -4))})"
        if form == 10:
            return f"{self.choices.pick(('max', 'min'))}({one}, {two})"
        if form == 11:
            return f"({one} if {self.bool(depth - 1)} else {two})"
        if form == 12:
            return f"(abs({one}) >> {self.choices.pick((1, 2))})"
        return f"math.floor({self.float(depth - 1)})"

    def int_leaf(self, form, depth):
        scalars = self.names(*READABLE, kind="int", array=False)
        if form == 0 or (form == 1 and not scalars):
            return str(self.choices.pick((1, 0, 2, 3, 7, 50)))
        if form == 3 and (arrays := self.readable_arrays("int")):
            name = self.choices.pick(arrays)
            return (
                f"int({self.read(name)}{self.index(name, depth - 1 if depth > 0 else -1)})"
                if depth >= 0
                else "4"
            )
        loops = [variable for variable, _ in self.place.loops]
        if form == 2 and loops:
            return self.choices.pick(loops)
        return self.read(self.choices.pick(scalars)) if scalars else "1"

    def readable_arrays(self, kind):
        return self.names(*READABLE, "cell", kind=kind, array=True)

    def float(self, depth=1):
        form = self.choices.below(10 if depth > 0 else 4)
        if form < 4:
            return self.float_leaf(form, depth)
        one = self.float(depth - 1)
        if form == 4:
            return f"({one} * {self.choices.pick(('2.0', '-1.5', '0.25'))})"
        if form == 5:
            return f"abs({one})"
        if form == 6:
            return f"float({self.int(depth - 1)})"
        if form == 7:
            return f"({one} if {self.bool(depth - 1)} else {self.float(depth - 1)})"
        if form == 8:
            return f"({one} / {self.choices.pick(('4.0', '3.0'))})"
        return f"({one} {self.choices.pick('+-')} {self.float(depth - 1)})"

    def float_leaf(self, form, depth):
        if form == 0:
            return self.choices.pick(("0.5", "2.0", "-1.25", "0.0"))
        if form == 3 and (arrays := self.readable_arrays("float") + self.readable_arrays("complex")):
            name = self.choices.pick(arrays)
            part = f".{self.choices.pick(('real', 'imag'))}" if self.variables[name].kind == "complex" else ""
            return f"float({self.read(name)}{self.index(name, -1)}{part})"
        scalars = self.names(*READABLE, kind="float", array=False)
        return self.read(self.choices.pick(scalars)) if scalars else "1.5"

    def bool(self, depth=1):
        form = self.choices.below(6 if depth > 0 else 3)
        if form == 0:
            return (
                f"({self.int(depth - 1)} {self.choices.pick(('<', '>=', '==', '!='))} {self.int(depth - 1)})"
            )
        if form == 1 and (scalars := self.names(*READABLE, kind="bool", array=False)):
            return self.read(self.choices.pick(scalars))
        if form == 2 and (arrays := self.readable_arrays("bool")):
            name = self.choices.pick(arrays)
            return f"bool({self.read(name)}{self.index(name, -1)})"
        if form == 3:
            return f"({self.float(depth - 1)} {self.choices.pick(('<', '>='))} {self.float(depth - 1)})"
        if form == 4:
            return f"(not {self.bool(depth - 1)})"
        if form == 5:
            return f"({self.bool(depth - 1)} {self.choices.pick(('and', 'or'))} {self.bool(depth - 1)})"
        return "True"

    def value(self, kind, dtype=""):
        """What may be stored into a variable or an element."""
        if kind == "int":
            limit = 97 if dtype == "uint8" else self.choices.pick((1009, 65521))
            return f"{self.int(2)} % {limit}"
        if kind == "float":
            return f"{self.float(2)} % 64.0"
        if kind == "complex":
            return f"complex({self.float(1)} % 8.0, {self.float(1)} % 8.0)"
        return self.bool(2)

    def addend(self, kind):
        """What may be added in any order: for floats, multiples of an eighth."""
        if kind == "int":
            return f"{self.int(1)} % 1009"
        if kind == "float":
            return f"math.floor({self.float(1)} % 64.0 * 8.0) / 8.0"
        if kind == "complex":
            return f"complex({self.int(1)} % 64, {self.int(1)} % 64)"
        return self.bool(1)

    def update(self, name, op, target=None):
        """The statement that adds to a name (or the element `target`) by an operator."""
        kind = self.variables[name].kind
        value = self.addend(kind)
        target = target or name
        self.write(name)
        if op in ("max", "min"):
            return f"{target} = {op}({target}, {value})"
        if op in ("and", "or"):
            return f"{target} = {target} {op} {value}"
        if op == "*":
            return f"{target} *= 1 - 2 * ({value} % 2)"
        return f"{target} {op}= {value}"

    # ---- serial statements

    def assign(self):
        kind = self.choices.pick(("int", "float", "bool", "int"))
        known = [name for name in self.names("own", "unset", kind=kind, array=False) if name not in EXTENTS]
        value = self.value(kind)
        if known and self.choices.below(3):
            name = self.write(self.choices.pick(known))
        else:
            name = self.declare(self.fresh({"int": "i", "float": "r", "bool": "t"}[kind]), kind)
        self.emit(f"{name} = {value}")

    def augment(self):
        known = self.names("own", kind="int", array=False)
        if not known:
            return self.assign()
        name = self.read(self.choices.pick(known))
        value = self.int(1)
        self.write(name)
        self.emit(f"{name} {self.choices.pick('+-^')}= {value}")
        self.emit(f"{name} %= 10007")

    def store(self):
        arrays = self.names("own", "cell", array=True)
        if not arrays:
            return self.assign()
        name = self.choices.pick(arrays)
        variable = self.variables[name]
        target = f"{name}{self.index(name)}"
        self.write(name)
        if variable.kind == "int" and variable.dtype == "int64" and self.choices.chance(4):
            self.emit(f"{target} {self.choices.pick('+-^')}= {self.int(1)} % 1009")
        else:
            self.emit(f"{target} = {self.value(variable.kind, variable.dtype)}")

    def accumulate(self):
        """An update of a reduction's variable."""
        if not (known := self.accumulators()):
            return self.assign()
        name = self.choices.pick(known)
        op = self.states[name].op
        target = f"{name}{self.index(name)}" if self.variables[name].shape else None
        self.emit(self.update(name, op, target))

    def accumulators(self):
        return [
            name
            for name, state in self.states.items()
            if state.what == "add" and (self.place.once or state.op in IDEMPOTENT)
        ]

    def branch(self):
        before = dict(self.states)
        with self.block(f"if {self.bool(2)}:"):
            self.statements(self.place.depth + 1)
        merged = after_branch(before, self.states)
        if self.choices.chance(3):
            self.states = dict(before)
            with self.block("else:"):
                self.statements(self.place.depth + 1)
            merged = after_branch(merged, {name: self.states[name] for name in before})
        self.states = merged

    def head(self, extent, variable, step=True):
        """The `for` line of a loop whose variable stays below an extent."""
        forms = [f"range({extent})"]
        if step:
            one, two = self.choices.pick((1, 2, 3)), self.choices.pick((2, 3, 5))
            forms += [
                f"range({one}, {extent})",
                f"range({one - 1}, {extent}, {two})",
                f"range({extent} - 1, -1, -1)",
                f"range({extent} - 1, {one - 1}, -{two})",
                f"reversed(range({extent}))",
                f"range(k, {extent})",
            ]
        return f"for {variable} in {self.choices.pick(forms)}:"
