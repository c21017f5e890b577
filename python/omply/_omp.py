"""The `omp` object: decorator, carrier of directive texts, and factory of decorators with options.

A directive in a decorated function is compiled away. One that is executed was not activated: it is inert.
"""

import os
import sys

from . import _core

MODES = ("auto", "native", "python", "serial")
OPTIONS = ("bounds_check", "contract", "error_model", "overflow", "reproducible")

# These say something about names or functions and do nothing where they are executed.
DECLARATIVE = ("threadprivate", "declare", "requires", "assumes", "begin", "end", "groupprivate")

default_mode = os.environ.get("OMPLY_MODE", "").strip().lower() or "auto"
if default_mode not in MODES:
    raise ValueError(f"OMPLY_MODE is one of {', '.join(MODES)}, not {default_mode!r}")

_warned = set()  # (file name, line) of directives that were told to be inert
serial_codes = set()  # code objects whose directives are to be inert


class Inert:
    """A directive that was executed: does nothing as a statement, a context manager or a decorator."""

    __slots__ = ()

    def __enter__(self):
        return None

    def __exit__(self, *exception):
        return False

    def __call__(self, function):
        return function


_inert = Inert()


class Omp:
    """`@omp`, `@omp(mode=...)`, `with omp("..."):` and `omp("...")`; see the documentation of the package."""

    __slots__ = ()

    def __call__(self, what=None, /, **options):
        if isinstance(what, str):
            if options:
                raise TypeError("a directive takes no options; they belong to the function's decorator")
            return _execute(what, sys._getframe(1))
        for option in options:
            if option != "mode" and option not in OPTIONS:
                raise TypeError(f"omp has no option {option!r}; it has mode, {', '.join(OPTIONS)}")
        mode = options.pop("mode", default_mode)
        if mode not in MODES:
            raise ValueError(f"mode is one of {', '.join(MODES)}, not {mode!r}")
        if default_mode == "serial":
            mode = "serial"
        if what is None:
            return lambda function: decorate(function, mode, options)
        return decorate(what, mode, options)

    def __repr__(self):
        return "<omply.omp>"


def decorate(function, mode, options):
    if mode == "serial":
        code = getattr(function, "__code__", None)
        if code is not None:
            serial_codes.add(code)
        return function
    from ._decorate import decorate

    return decorate(function, mode, options)


def _execute(text, frame):
    """What a directive does that no decorator has compiled away."""
    word = text.split(None, 1)[0] if text.split() else ""
    if word.startswith(DECLARATIVE):
        if word.startswith(("threadprivate", "groupprivate")):
            from ._threadprivate import declare

            declare(text, frame.f_globals)
        words = text.split("(")[0].replace("_", " ").split()
        if words == ["declare", "variant"] and default_mode != "serial":
            from ._variants import declare

            return declare(text, frame)
        if words[1:3] == ["declare", "variant"]:
            from . import _variants

            if words[0] == "begin":
                _variants.begin(text, frame)
            else:
                _variants.end(frame, serial=default_mode == "serial")
        return _inert
    if default_mode == "serial" or frame.f_code in serial_codes:
        return _inert
    place = (frame.f_code.co_filename, frame.f_lineno)
    name = frame.f_code.co_name
    if _core.omp_in_parallel():
        from ._errors import OmplyRuntimeError

        raise OmplyRuntimeError(
            f'omp("{text}") at {place[0]}:{place[1]} is executed inside a parallel region, but `{name}` is not '
            f"decorated with @omp: the directive would have no effect"
        )
    if place not in _warned and not name.startswith("<lambda"):
        _warned.add(place)
        import warnings

        from ._errors import OmplyWarning

        warnings.warn_explicit(
            f'omp("{text}") has no effect: `{name}` is not decorated with @omp', OmplyWarning, *place
        )
    return _inert


omp = Omp()
