"""`declare_variant`: a function that other functions stand in for where the context of a call agrees.

The constructs around a call are those of the text: what the rewriter has seen in a file is noted here by line. Native mode knows
them itself and asks `choose`.
"""

import functools
import inspect
import sys
import types

from . import _core
from ._errors import OmplySyntaxError

# `target` and `targetsync`: what an interoperability object may be for.
BOTH = 3

# By file name: (first line, last line) of each construct, and its leaves.
_constructs = {}


def note_constructs(filename, directives):
    """Remembers where a rewritten function's constructs stand."""
    known = _constructs.setdefault(filename, {})
    for directive in directives:
        line, _, end_line, _ = directive.place
        known[line, end_line] = tuple(region.leaf for region in directive.regions)


def constructs_at(frame):
    """The leaves of the constructs around the place where a frame is, outermost first."""
    code = frame.f_code
    if not (code.co_name.startswith("<omp ") or ".omp" in code.co_freevars):
        return ()  # no rewritten code: directives in it are inert
    line = frame.f_lineno
    around = [
        (first, -last, leaves)
        for (first, last), leaves in _constructs.get(code.co_filename, {}).items()
        if first <= line <= last
    ]
    return tuple(leaf for _, _, leaves in sorted(around) for leaf in leaves)


class Declared:
    """One `declare_variant` directive of a base function."""

    def __init__(self, directive, names):
        self.directive = directive
        self.names = names  # globals and locals of the place where it stands

    def function(self):
        return eval(self.directive.variant, *self.names)

    def holds(self, conditions, arguments):
        module, local = self.names
        return all(eval(condition, module, {**local, **arguments}) for condition in conditions)


class Together:
    """Nested `begin declare_variant` directives: all of their selectors must agree."""

    appended = 0

    def __init__(self, directives):
        self.directives = directives
        self.text = " ".join(directive.text for directive in directives)

    def agreement(self, constructs):
        found = [directive.agreement(constructs) for directive in self.directives]
        if None in found:
            return None
        return sum(score for score, _ in found), [one for _, conditions in found for one in conditions]


class Following(Declared):
    """A function that follows `begin declare_variant` and has the name of another one."""

    def __init__(self, directives, names, function):
        super().__init__(Together(directives), names)
        self.variant = function

    def function(self):
        return self.variant


class Variants:
    """The base function, which chooses when it is called."""

    def __init__(self, base):
        self.base = base
        self.declared = []
        functools.update_wrapper(self, base)

    def __get__(self, instance, owner=None):
        return self if instance is None else types.MethodType(self, instance)

    def __call__(self, *args, **kwargs):
        found = self.find(constructs_at(sys._getframe(1)), args, kwargs)
        return (found.function() if found else self.base)(*args, **kwargs)

    def agreeing(self, constructs):
        """The variants that may agree, the highest score first, each with its conditions."""
        found = []
        for declared in self.declared:
            agreement = declared.directive.agreement(list(constructs))
            if agreement is not None:
                found.append((agreement[0], declared, agreement[1]))
        found.sort(key=lambda one: -one[0])
        return [(declared, conditions) for _, declared, conditions in found]

    def find(self, constructs, args, kwargs):
        """The variant that stands in for the base in a call, or None."""
        arguments = None
        for declared, conditions in self.agreeing(constructs):
            if conditions and arguments is None:
                bound = inspect.signature(self.base).bind(*args, **kwargs)
                bound.apply_defaults()
                arguments = bound.arguments
            if declared.holds(conditions, arguments):
                return declared
        return None

    def choose(self, constructs, with_variants=True):
        """The function that a call has to call; None where only the running program can tell."""
        for declared, conditions in self.agreeing(constructs) if with_variants else ():
            return None if conditions or declared.directive.appended else declared.function()
        return self.base

    def functions(self):
        """All that a call may come to, the base first, and what decides: for keys of caches."""
        texts = [declared.directive.text for declared in self.declared]
        return [self.base, *(declared.function() for declared in self.declared)], texts


def dispatched(function, constructs, novariants=False, nocontext=False, interop=(), device=None):
    """The function that a call in a `dispatch` construct calls."""
    if not isinstance(function, Variants) or novariants:
        return function.base if isinstance(function, Variants) else function
    if not nocontext:
        constructs = (*constructs, "dispatch")

    def call(*args, **kwargs):
        found = function.find(constructs, args, kwargs)
        if found is None:
            return function.base(*args, **kwargs)
        appended = found.directive.appended if not nocontext else 0
        made = [_core.interop_init(BOTH, 0, device) for _ in range(appended - len(interop))]
        try:
            return found.function()(*args, *interop[:appended], *made, **kwargs)
        finally:
            for created in made:
                _core.interop_end(created, True)

    return call


def declare(text, frame):
    """`@omp("declare_variant(...) match(...)")`: the decorator of the base."""
    directive = _core.variant(text, frame.f_code.co_filename, frame.f_lineno)
    module, local = frame.f_globals, frame.f_locals
    names = (module, {} if local is module else dict(local))

    def decorate(function):
        variants = function if isinstance(function, Variants) else Variants(function)
        check_parameters(directive, variants.base)
        variants.declared.append(Declared(directive, names))
        return variants

    return decorate


# By the id of a module's globals: for each open `begin declare_variant` the directive, and the globals as they were.
_open = {}


def begin(text, frame):
    """`begin declare_variant`: functions that follow are variants of those that have their names before."""
    directive = _core.variant(text, frame.f_code.co_filename, frame.f_lineno)
    module = of_module("begin", frame)
    _open.setdefault(id(module), []).append((directive, dict(module)))


def end(frame, serial):
    """`end declare_variant`: gives the names back to the bases, which choose from now on; in serial mode, they are called."""
    module = of_module("end", frame)
    if not _open.get(id(module)):
        raise OmplySyntaxError("`end declare_variant` without `begin declare_variant`")
    directives = [directive for directive, _ in _open[id(module)]]
    _, before = _open[id(module)].pop()
    for name, function in list(module.items()):
        base = before.get(name)
        if base is None or base is function or not callable(base) or not callable(function):
            continue
        if isinstance(function, Variants) and function.base is base:
            continue  # a pair inside of this one
        if serial:
            module[name] = base
            continue
        variants = base if isinstance(base, Variants) else Variants(base)
        variants.declared.append(Following(directives, (module, {}), function))
        module[name] = variants


def of_module(word, frame):
    if frame.f_locals is not frame.f_globals:
        raise OmplySyntaxError(
            f"`{word} declare_variant` stands in a function; it belongs to the top of a module"
        )
    return frame.f_globals


def check_parameters(directive, base):
    """`adjust_args` names parameters of the base; on the host, arguments are what they have to be already."""
    parameters = inspect.signature(base).parameters
    for operation, names in directive.adjusted:
        for name in names:
            number = name.isdigit() and 1 <= int(name) <= len(parameters)
            if name not in parameters and not number:
                raise TypeError(
                    f"adjust_args({operation}: {name}): {base.__qualname__}() has no such parameter"
                )
