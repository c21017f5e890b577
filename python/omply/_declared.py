"""Operators that the program declares: `declare_reduction` and `declare_induction` as objects."""

import sys


class Declared:
    """The operators of one name, by the types that they are declared for."""

    __slots__ = ("alternatives", "kind", "name")

    def __init__(self, kind, name, alternatives):
        self.kind = kind
        self.name = name
        self.alternatives = [(types, Alternative(first, second)) for types, first, second in alternatives]

    def __str__(self):
        return self.name

    def of(self, value):
        """What is declared for a value; `None` where the operator's own meaning is left."""
        for types, alternative in self.alternatives:
            for kind in types():
                if is_of(value, kind):
                    return alternative
                if is_array(value) and value.dtype.kind != "O" and is_of(value.dtype.type(0), kind):
                    return Elementwise(alternative.first, alternative.second)
        if not self.name.isidentifier() or self.name in ("and", "or", "min", "max"):
            return None
        raise TypeError(f"{self.kind}({self.name}: ...) is not declared for {type(value).__name__!r} objects")


class Alternative:
    """What one declaration says."""

    __slots__ = ("first", "second")

    def __init__(self, first, second):
        self.first = first
        self.second = second

    def initial(self, original):
        """What a copy starts with."""
        if self.second is not None:
            value = self.second(original)
            if is_array(original) and not is_array(value):
                return sys.modules["numpy"].full_like(original, value)
            return value.copy() if value is original and hasattr(value, "copy") else value
        if is_array(original):
            return sys.modules["numpy"].zeros_like(original)
        if isinstance(original, tuple):
            return tuple(self.initial(item) for item in original)
        return type(original)()

    def combined(self, original, part):
        """The combiner's value; one without a value has changed the original itself."""
        value = self.first(original, part)
        if value is None or value is original:
            return original
        if is_array(original):
            original[...] = value
            return original
        return value


class Elementwise(Alternative):
    """The same for the elements of an array."""

    __slots__ = ()

    def initial(self, original):
        made = sys.modules["numpy"].zeros_like(original)
        if self.second is not None:
            for index, item in enumerate(original.flat):
                made.flat[index] = self.second(item)
        return made

    def combined(self, original, part):
        for index, item in enumerate(part.flat):
            original.flat[index] = self.first(original.flat[index], item)
        return original


def is_array(value):
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def is_of(value, kind):
    """Whether a value is one of a declared type; NumPy's numbers are numbers of their kind, too."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        kinds = {int: numpy.integer, float: numpy.floating, complex: numpy.complexfloating, bool: numpy.bool_}
        kind = kinds.get(kind, kind)
    if kind is int and isinstance(value, bool):
        return False
    return isinstance(value, kind)
