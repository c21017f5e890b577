"""Puts the parts together: which statement stands where, and the whole program."""

from .choices import Choices
from .expressions import HEADER, Expressions
from .loops import Loops
from .names import PARAMETERS
from .regions import Regions
from .tasks import Tasks

SERIAL = ("assign", "store", "augment", "branch", "serial_loop")
# What may stand at each level, from the plainest; what is listed twice comes twice as often.
STATEMENTS = {
    "top": (
        *("assign", "store", "branch", "serial_loop"),
        *(
            "parallel",
            "loop_construct",
            "loop_construct",
            "parallel",
            "tasks",
            "teams",
            "doacross",
            "sections",
        ),
        *("single", "captured"),
    ),
    "strand": (
        *SERIAL,
        "accumulate",
        "protect",
        "loop_construct",
        "tasks",
        "parallel",
        "sections",
        "captured",
    ),
    "team": (
        *(
            "assign",
            "loop_construct",
            "single",
            "loop_construct",
            "branch",
            "serial_loop",
            "barrier",
            "sections",
        ),
        *("single", "store", "protect", "scope_construct", "parallel", "doacross", "accumulate"),
    ),
    "league": ("assign", "loop_construct", "branch", "store", "accumulate"),
    "scope": ("assign", "store", "branch", "protect", "accumulate"),
    "plain": (*SERIAL, "accumulate"),
}


class Generator(Expressions, Loops, Regions, Tasks):
    """Makes one program from choices."""

    def __init__(self, choices):
        super().__init__(choices)
        # How each variable that is updated by several threads is protected.
        self.protection = {}

    def statements(self, least=1):
        number = 0
        while self.budget > 0 and (number < least or self.choices.below(3)):
            self.budget -= 1
            number += 1
            getattr(self, self.choices.pick(STATEMENTS[self.place.level]))()

    def program(self):
        for name, kind, value in (
            ("s", "int", "0"),
            ("o", "int", "k"),
            ("f", "float", "x"),
            ("v1", "bool", "flag"),
        ):
            self.declare(name, kind)
            self.emit(f"{name} = {value}")
        while self.budget > 0 and self.choices.below(12):
            self.statements()
        results = [name for name in self.names("own", "read", array=False) if name not in PARAMETERS]
        self.emit(f"return ({''.join(f'{name}, ' for name in results)})")
        return f"{HEADER}def program({', '.join(PARAMETERS)}):\n" + "\n".join(self.lines) + "\n"


def generate(seed=None, numbers=None):
    """A program's text and the decisions that went into it."""
    choices = Choices(seed, numbers)
    return Generator(choices).program(), choices.made
