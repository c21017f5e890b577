"""What rewritten functions call: the runtime's entry points, and the meaning of data-sharing clauses for Python objects."""

import builtins
import operator
import sys

from ._core import interop_end, interop_init, omp_get_num_threads, pymode
from ._core.pymode import (
    Allocating,
    Critical,
    Inside,
    Loop,
    Ordered,
    Sections,
    SharedItems,
    TaskGroup,
    Turn,
    Watched,
    atomic_attribute,
    atomic_item,
    atomic_name,
    barrier,
    broadcast,
    check_device,
    doacross_begin,
    doacross_end,
    doacross_post,
    doacross_wait,
    doacross_wait_previous,
    flush,
    fork,
    meet,
    new_event,
    receive,
    single,
    target,
    task,
    taskwait,
    taskyield,
    teams,
    thread_num,
)
from ._declared import Declared
from ._depend import (
    Key,
    combinations,
    depend_attribute,
    depend_item,
    depend_name,
    depend_object,
    destroy_object,
    iterated,
    new_object,
    part,
    update_object,
)
from ._taskgraph import Taskgraph
from ._variants import dispatched

__all__ = [
    "Declared",
    "Inside",
    "Key",
    "Loop",
    "Ordered",
    "Sections",
    "SharedItems",
    "TaskGroup",
    "Taskgraph",
    "Turn",
    "Watched",
    "atomic_attribute",
    "atomic_item",
    "atomic_name",
    "barrier",
    "broadcast",
    "check_device",
    "combinations",
    "depend_attribute",
    "depend_item",
    "depend_name",
    "depend_object",
    "destroy_object",
    "dispatched",
    "doacross_begin",
    "doacross_end",
    "doacross_post",
    "doacross_wait",
    "doacross_wait_previous",
    "flush",
    "fork",
    "interop_end",
    "interop_init",
    "iterated",
    "meet",
    "new_event",
    "new_object",
    "part",
    "pymode",
    "receive",
    "single",
    "target",
    "task",
    "taskwait",
    "taskyield",
    "teams",
    "thread_num",
    "update_object",
]


def __getattr__(name):
    """`critical NAME`: the object of that critical section, which is a member of this module from then on."""
    kind, _, section = name.partition(" ")
    if kind != "critical":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Of two threads that come at the same time, both get the first one's.
    return globals().setdefault(name, Critical(section))


class Unbound:
    """Stands for the value of a name that has none."""

    def __repr__(self):
        return "<unbound>"


UNBOUND = Unbound()


def watched_fork(function, args, place, **clauses):
    """`fork`, with each thread's way through the region compared with the others'."""
    region = Watched(place)

    def watched(*args):
        with region:
            return function(*args)

    return fork(watched, args, place, **clauses)


def error(place, message, warns):
    """`error at(execution)`."""
    text = "an `error` directive was met" if message is None else str(message)
    if not warns:
        raise RuntimeError(text)
    warn(text, place)


def team_is_smaller(text, place):
    """`severity(warning)` on a `parallel` whose strict number of threads cannot be met."""
    warn(text, place)


def warn(text, place):
    import warnings

    from ._errors import OmplyWarning

    filename, _, line = place.rpartition(":")
    warnings.warn_explicit(text, OmplyWarning, filename, int(line))


def peek(read):
    """What `read` returns, a lambda around a name, or `UNBOUND`."""
    try:
        return read()
    except NameError:
        return UNBOUND


def nothing():
    """The body of a task that is there for its dependences alone."""


def is_array(value):
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def copy(value):
    """A thread's own `value` for `firstprivate`: containers that C would call arrays are copied, others are not."""
    if isinstance(value, (list, dict, set, bytearray)) or is_array(value):
        return value.copy()
    return value


def fresh(value):
    """A thread's own variable for `private`: an array of the same shape and dtype for an array, else unbound."""
    return sys.modules["numpy"].empty_like(value) if is_array(value) else UNBOUND


def allocating(allocator, align):
    """A context in which new arrays come from an allocator (without one: the task's default), at an alignment."""
    return Allocating(operator.index(allocator or 0), 1 if align is None else operator.index(align))


def allocated(allocator, align, function, *args):
    """What `function` makes of its arguments, where new arrays come from an allocator."""
    with allocating(allocator, align):
        return function(*args)


SCALARS = (int, float, complex, str, bytes, type(None), Unbound)


def is_of_kind(category, value):
    """Whether a value belongs to the category of `default(... : category)`: what cannot be changed is a scalar (a name without
    value, too), all else an aggregate. There are no pointers."""
    scalar = isinstance(value, SCALARS)
    if not scalar and "numpy" in sys.modules:
        scalar = isinstance(value, sys.modules["numpy"].generic)
    return category == ("scalar" if scalar else "aggregate")


def copy_of_kind(category, sharing, value):
    """What a construct that does not bind a name has for it: the value, or its copy if it belongs to the category."""
    if not is_of_kind(category, value):
        return value
    return {"private": fresh, "firstprivate": copy, "shared": lambda value: value}[sharing](value)


def must_be_listed(category, name, value):
    """`default(none: category)`, of a name that no clause lists."""
    if is_of_kind(category, value):
        raise TypeError(
            f"`{name}` is in no clause of a construct with default(none: {category}), and holds {type(value).__name__!r}"
        )


def own(value):
    """An equal number that belongs to the calling thread, so that threads do not share its reference count."""
    kind = type(value)
    if kind is float:
        return value * 1.0
    if kind is int:
        return value ^ 0
    return value


# --- Reductions ---


def _zero(value):
    return 0 if isinstance(value, bool) else type(value)(0)


def _one(value):
    return 1 if isinstance(value, bool) else type(value)(1)


def _ones(value):
    return True if isinstance(value, bool) else type(value)(~0) if type(value) is int else ~type(value)(0)


def _extreme(sign):
    def extreme(value):
        numpy = sys.modules.get("numpy")
        if numpy is not None and isinstance(value, numpy.integer):
            limits = numpy.iinfo(value.dtype)
            return type(value)(limits.max if sign > 0 else limits.min)
        return sign * float("inf")

    return extreme


def _array_minimum(a, b):
    return sys.modules["numpy"].minimum(a, b)


def _array_maximum(a, b):
    return sys.modules["numpy"].maximum(a, b)


def _and(a, b):
    return a and b


def _or(a, b):
    return a or b


class Operator:
    """A reduction's operator: its identity for a value, and how two values and two arrays are combined."""

    def __init__(self, identity, combine, combine_arrays):
        self.identity = identity
        self.combine = combine
        self.combine_arrays = combine_arrays


OPERATORS = {
    "+": Operator(_zero, operator.add, operator.add),
    "-": Operator(_zero, operator.add, operator.add),
    "*": Operator(_one, operator.mul, operator.mul),
    "&": Operator(_ones, operator.and_, operator.and_),
    "|": Operator(lambda value: type(value)(0), operator.or_, operator.or_),
    "^": Operator(lambda value: type(value)(0), operator.xor, operator.xor),
    "and": Operator(lambda value: True, _and, lambda a, b: sys.modules["numpy"].logical_and(a, b)),
    "or": Operator(lambda value: False, _or, lambda a, b: sys.modules["numpy"].logical_or(a, b)),
    "min": Operator(_extreme(1), min, _array_minimum),
    "max": Operator(_extreme(-1), max, _array_maximum),
}


def identity(symbol, original):
    """The value with which a thread's copy of a reduction variable starts."""
    if original is UNBOUND:
        raise UnboundLocalError(f"a variable of reduction({symbol}: ...) has no value to begin with")
    if isinstance(symbol, Declared):
        found = symbol.of(original)
        if found is not None:
            return found.initial(original)
        symbol = symbol.name
    made = OPERATORS[symbol].identity
    if is_array(original):
        numpy = sys.modules["numpy"]
        element = original.dtype.type(0)
        if original.dtype.kind == "b" and symbol in "+-*":
            return numpy.full_like(original, symbol == "*")
        return numpy.full_like(original, made(element))
    import numbers

    if (
        symbol in ("and", "or")
        or isinstance(original, numbers.Number)
        or type(original).__module__ == "numpy"
    ):
        return made(original)
    raise TypeError(
        f"reduction({symbol}: ...) knows no identity for {type(original).__name__!r} objects; it takes numbers, "
        f"booleans and arrays of them"
    )


class Index:
    """`INDEX[...]` is what stands in the brackets."""

    def __getitem__(self, index):
        return index


INDEX = Index()


class Section:
    """A thread's part of a reduction of an array section: of `array` only the section counts."""

    def __init__(self, array, index):
        self.array = array
        self.index = index


class PartsOfTasks:
    """What tasks contribute to a reduction of a region."""

    def __init__(self, value):
        self.value = value


class WithTasks:
    """A thread's part of a reduction, and that of the tasks that it has generated."""

    def __init__(self, part, tasks):
        self.part = part
        self.tasks = tasks

    def of_tasks(self):
        value = self.tasks.value
        return Section(value, self.part.index) if isinstance(self.part, Section) else value


def add_part(symbol, parts, part):
    parts.value = combine(symbol, parts.value, part)


def identity_of_section(symbol, original, index):
    """A thread's array for the reduction of a section: as long as the original, of which only the section is ever touched."""
    if not is_array(original):
        kind = "an unbound name" if original is UNBOUND else f"{type(original).__name__!r} objects"
        raise TypeError(f"reduction({symbol}: ...) takes sections of arrays, not of {kind}")
    made = sys.modules["numpy"].empty_like(original)
    made[index] = identity(symbol, original[index])
    return made


def combine(symbol, original, part):
    """The original together with one thread's part; an array is changed in place, as others may hold it."""
    if isinstance(part, WithTasks):
        return combine(symbol, combine(symbol, original, part.part), part.of_tasks())
    if isinstance(symbol, Declared):
        found = symbol.of(original)
        if found is not None and isinstance(part, Section):
            original[part.index] = found.combined(original[part.index], part.array[part.index])
            return original
        if found is not None:
            return found.combined(original, part)
        symbol = symbol.name
    op = OPERATORS[symbol]
    if isinstance(part, Section):
        original[part.index] = op.combine_arrays(original[part.index], part.array[part.index])
        return original
    if is_array(original):
        original[...] = op.combine_arrays(original, part)
        return original
    if is_array(part):
        return op.combine_arrays(original, part)
    return op.combine(original, part)


def total(symbol, original, results, index):
    """The original together with the parts of all threads, in the order of their numbers."""
    for result in results:
        original = combine(symbol, original, result[index])
    return original


def gathered(part):
    """The parts of all threads of the team, in the order of their numbers."""
    if single():
        parts = [None] * omp_get_num_threads()
        broadcast(parts)
    else:
        parts = receive()
    parts[thread_num()] = part
    barrier()
    return parts


def everyone(symbol, original, part):
    """The calling thread's original together with the parts of all threads, in the order of their numbers."""
    for each in gathered(part):
        original = combine(symbol, original, each)
    return original


def later(known, number, value):
    """The number and value of the later of two assignments: the one known, if any, and that of a piece, if it is one."""
    if value is UNBOUND or (known is not None and known[0] > number):
        return known
    return number, value


def of_last(known):
    """The value of the team's last assignment on the thread that made it, `UNBOUND` on the others."""
    numbers = [-1 if number is None else number for number in gathered(known and known[0])]
    if known is None or known[0] < builtins.max(numbers):
        return UNBOUND
    return known[1]


def induced(symbol, start, step, number):
    """The value of a linear or induction variable in the iteration with that number."""
    if isinstance(symbol, Declared):
        found = symbol.of(start)
        if found is not None:
            return found.first(start, found.second(step, number))
        symbol = symbol.name
    if symbol == "*":
        return start * step**number
    return start + number * step


def latest(results, index):
    """The value that the thread with the sequentially last iteration returned, or `UNBOUND`."""
    for result in results:
        if result[index] is not UNBOUND:
            return result[index]
    return UNBOUND


class SectionsInOrder:
    """The numbers of sections that one thread executes in the order of the program."""

    def __init__(self, count):
        self.last = single()
        self.count = count if self.last else 0

    def __iter__(self):
        return iter(range(self.count))


# --- Iteration spaces: objects with a length whose slices are iterable ---


SLICED = (list, tuple, str, bytes, bytearray, range)


class Indexed:
    """A sequence, by its `__getitem__`."""

    def __init__(self, items):
        self.items = items
        self.length = len(items)

    def __len__(self):
        return self.length

    def __getitem__(self, part):
        if not isinstance(part, slice):
            return self.items[part]
        return map(self.items.__getitem__, range(*part.indices(self.length)))


class Reversed:
    def __init__(self, space):
        self.space = space
        self.length = len(space)

    def __len__(self):
        return self.length

    def __getitem__(self, part):
        if not isinstance(part, slice):
            return self.space[self.length - 1 - part]
        first, end, _ = part.indices(self.length)
        return builtins.reversed(list(self.space[self.length - end : self.length - first]))


class Enumerated:
    def __init__(self, space, start):
        self.space = space
        self.start = operator.index(start)

    def __len__(self):
        return len(self.space)

    def __getitem__(self, part):
        if not isinstance(part, slice):
            return self.start + part, self.space[part]
        first, _, _ = part.indices(len(self.space))
        return builtins.enumerate(self.space[part], self.start + first)


class Zipped:
    def __init__(self, spaces, strict):
        self.spaces = spaces
        lengths = {len(space) for space in spaces}
        if strict and len(lengths) > 1:
            raise ValueError("zip() arguments of a parallel loop have different lengths")
        self.length = builtins.min(lengths, default=0)

    def __len__(self):
        return self.length

    def __getitem__(self, part):
        if not isinstance(part, slice):
            return tuple(space[part] for space in self.spaces)
        first, end, _ = part.indices(self.length)
        return builtins.zip(*(space[first:end] for space in self.spaces), strict=False)


def sequence(items):
    if type(items) in SLICED or is_array(items):
        return items
    return Indexed(items)


def enumerated(space, start=0):
    return Enumerated(space, start)


def zipped(*spaces, strict=False):
    return Zipped(spaces, strict)


class Nest:
    """Collapsed loops as one space. Each level is a space, or a function that makes one from the outer loops' values.

    A slice yields, level by level, a value and the part of the next level's loop that belongs to the slice.
    """

    def __init__(self, *levels):
        self.levels = levels
        self.length = self.count(0, ())

    def __len__(self):
        return self.length

    def space(self, depth, values):
        level = self.levels[depth]
        return level(*values) if callable(level) else level

    def count(self, depth, values):
        space = self.space(depth, values)
        if depth + 1 == len(self.levels):
            return len(space)
        if not any(map(callable, self.levels[depth + 1 :])):
            return len(space) * self.count(depth + 1, ())
        return sum(self.count(depth + 1, (*values, value)) for value in space[:])

    def __getitem__(self, part):
        first, end, _ = part.indices(self.length)
        return self.part(0, (), first, end)

    def part(self, depth, values, first, end):
        space = self.space(depth, values)
        if depth + 1 == len(self.levels):
            return space[first:end]
        return self.rows(depth, values, space, first, end)

    def rows(self, depth, values, space, first, end):
        if first >= end:
            return
        position = 0
        if not any(map(callable, self.levels[depth + 1 :])):
            inner = self.count(depth + 1, ())
            position = first // inner * inner
            values_here = space[first // inner : (end - 1) // inner + 1]
        else:
            values_here = space[:]
        for value in values_here:
            here = (*values, value)
            inner = self.count(depth + 1, here)
            if first < position + inner and inner:
                yield value, self.part(depth + 1, here, max(first - position, 0), min(end - position, inner))
            position += inner
            if position >= end:
                return


def given(spaces, values):
    """What a loop transformation is given: its loops' spaces, their lengths, and the values of clauses."""
    return *spaces, *map(len, spaces), *values


def at_least(least, value, clause):
    value = operator.index(value)
    if value < least:
        raise ValueError(f"`{clause}` must {'not be negative' if least == 0 else 'be positive'}, got {value}")
    return value


class Part:
    """The iterations from `first` to `end` of a space."""

    def __init__(self, space, first, end):
        self.space = space
        self.first = first
        self.length = end - first

    def __len__(self):
        return self.length

    def __getitem__(self, part):
        first, end, _ = part.indices(self.length)
        return self.space[self.first + first : self.first + end]

    def __iter__(self):
        return iter(self.space[self.first : self.first + self.length])


class Distribute:
    """The parts of an iteration space that fall to the calling team, one after the other."""

    def __init__(self, space, chunk=None):
        self.space = space
        self.last = False
        if chunk is not None and operator.index(chunk) < 1:
            raise ValueError(f"the chunk size must be positive, not {chunk}")
        self.chunk = chunk

    def __iter__(self):
        total, (team, teams) = len(self.space), pymode.place_in_league()
        if self.chunk is None:
            share, extra = divmod(total, teams)
            first = team * share + builtins.min(team, extra)
            ranges = [(first, first + share + (team < extra))]
        else:
            starts = range(team * self.chunk, total, teams * self.chunk)
            ranges = ((first, builtins.min(first + self.chunk, total)) for first in starts)
        for first, end in ranges:
            if first < end:
                self.last = end == total
                yield Part(self.space, first, end)


def masked(number=0):
    """Whether the calling thread executes a `masked` block."""
    return thread_num() == number


# --- Cancellation ---


class WorkshareCancelled(BaseException):
    """Leads a thread out of a worksharing construct that is cancelled."""


class TaskLeft(BaseException):
    """Leads a thread out of a task whose group is cancelled."""


def cancel(kind, activate):
    """`cancel`, or with a false `activate` a cancellation point: returns unless the thread has to leave the region."""
    if pymode.cancel(kind, bool(activate)):
        if kind == "parallel":
            raise pymode.TeamCancelled
        raise TaskLeft if kind == "taskgroup" else WorkshareCancelled


# --- Loops over objects ---


def loop_over(items, kind=None, chunk=None, ordered=False):
    """A loop over a sequence by its index, or over any other iterable by drawing from it."""
    if is_array(items) or (
        hasattr(items, "__getitem__") and hasattr(items, "__len__") and not is_mapping(items)
    ):
        return Loop(sequence(items), kind or "static", chunk, ordered)
    shared = share(items, kind, chunk, ordered) if single() else receive()
    return draw(shared)


def is_mapping(items):
    return hasattr(items, "keys")


def share(iterable, kind=None, chunk=None, ordered=False):
    """Shares an iterable with the team: called by one thread, the others `receive` the result."""
    try:
        if kind == "static" or ordered:
            what = "ordered" if ordered else "schedule(static)"
            raise TypeError(
                f"{what} needs a sequence with a length, not a {type(iterable).__name__!r} object"
            )
        shared = SharedItems(iterable, chunk)
    except BaseException as error:
        broadcast(error)
        raise
    broadcast(shared)
    return shared


def draw(shared):
    """A thread's iteration over the chunks of a shared iterable."""
    if isinstance(shared, BaseException):
        barrier()  # the thread that failed to share never comes: its exception ends the region
    return iter(shared)


# --- Taskloops ---


def drawn(iterable):
    """All items of an iterable without a length, which the encountering thread draws."""
    return list(iterable)


class Piece:
    """The part of a loop's iterations that one task runs."""

    __slots__ = ("first", "last")

    def __init__(self, first, last):
        self.first = first  # the number of the first of them
        self.last = last  # whether the sequentially last iteration is among them


def taskloop(
    function, args, space, place, grainsize=None, num_tasks=None, strict=False, nogroup=False, **clauses
):
    """Cuts a loop into tasks; returns what they returned, in the order of the iterations, unless nobody waits for them."""
    length = len(space)
    pieces = list(cut(length, grainsize, num_tasks, strict))
    results = [None] * len(pieces)

    def run(number, first, end):
        results[number] = function(space[first:end], Piece(first, end == length), *args)

    def generate():
        for number, (first, end) in enumerate(pieces):
            task(run, (number, first, end), place, **clauses)

    if nogroup:
        generate()
        return []
    with TaskGroup():
        generate()
    return results


TASKS_PER_THREAD = 8  # where no clause says how many


def cut(length, grainsize, num_tasks, strict):
    """The parts of a loop of so many iterations: pairs of the first number and the one behind the last."""
    if grainsize is not None:
        grainsize = positive("grainsize", grainsize)
        if strict:
            for first in range(0, length, grainsize):
                yield first, builtins.min(first + grainsize, length)
            return
        tasks = builtins.max(length // grainsize, 1)
    elif num_tasks is not None:
        tasks = positive("num_tasks", num_tasks)
    else:
        tasks = omp_get_num_threads() * TASKS_PER_THREAD
    if length == 0:
        return
    tasks = builtins.min(tasks, length)
    size, larger = divmod(length, tasks)
    for number in range(tasks):
        first = number * size + builtins.min(number, larger)
        yield first, first + size + (number < larger)


def positive(clause, value):
    value = operator.index(value)
    if value <= 0:
        raise ValueError(f"{clause} must be positive")
    return value
