"""Decoration: finds a function's source, has it analysed, and makes the callable for its mode."""

import linecache
import types

from . import _core
from ._errors import OmplyFallbackWarning, OmplySyntaxError, OmplyWarning
from ._omp import omp

CO_GENERATOR_OR_ASYNC = 0x20 | 0x80 | 0x200

# The file whose functions were decorated last: its lines as linecache holds them, and their text.
_last_file = (None, None)


def decorate(function, mode, options):
    if isinstance(function, (staticmethod, classmethod)):
        return type(function)(decorate(function.__func__, mode, options))
    if type(function).__name__ == "Variants" and hasattr(function, "declared"):
        function.base = decorate(function.base, mode, options)
        return function
    if not isinstance(function, types.FunctionType):
        raise TypeError(
            f"@omp decorates functions written in Python, not {type(function).__name__!r} objects"
        )
    analysis = analyse(function)
    if mode == "auto" and not _core.has_native:
        mode = "python"
    if mode == "native" and not _core.has_native:
        raise RuntimeError("this build of omply has no native mode")
    if mode == "auto" and function.__code__.co_flags & CO_GENERATOR_OR_ASYNC:
        mode = "python"
        code = function.__code__
        kind = "a generator" if code.co_flags & 0x20 else "asynchronous"
        warn_of_fallback(function, f"the function is {kind}", code.co_firstlineno, 1)
    if mode == "python":
        return in_python_mode(function, analysis)

    def fallback(code, reason, line, column):
        warn_of_fallback(function, f"{reason} [{code}]" if code else reason, line, column)
        return in_python_mode(function, analysis)

    dispatcher = _core.dispatcher(analysis, function, fallback if mode == "auto" else None, options)
    return resemble(dispatcher, function)


def in_python_mode(function, analysis):
    from ._rewrite import rewrite

    if not analysis.has_directives:
        return function
    return resemble(rewrite(function, _core.pymode.facts(analysis)), function)


def resemble(new, function):
    """Gives `new` the attributes by which the world knows `function`."""
    for name in ("__module__", "__name__", "__qualname__", "__doc__", "__type_params__"):
        if hasattr(function, name):
            setattr(new, name, getattr(function, name))
    if hasattr(function, "__annotate__"):
        new.__annotate__ = function.__annotate__
    else:
        new.__annotations__ = function.__annotations__
    new.__dict__.update(function.__dict__)
    new.__wrapped__ = function
    return new


def analyse(function):
    code = function.__code__
    text = source_of(function)
    analysis = _core.analyse(
        text, code.co_filename, code.co_firstlineno, code.co_name, names_of_omp(function)
    )
    for number, message, line, column in analysis.warnings:
        warn(function, OmplyWarning, f"{message} [{number}]", line, column)
    return analysis


def source_of(function):
    """The text of the file that the function stands in."""
    global _last_file
    filename = function.__code__.co_filename
    lines = linecache.getlines(filename, function.__globals__)
    if not lines:
        raise OmplySyntaxError(
            f"the source of `{function.__qualname__}` cannot be read ({filename}): @omp needs the text of the "
            f"function, so it must come from a file, a notebook or an interactive session that keeps it"
        )
    known, text = _last_file
    if known is not lines:
        text = "".join(lines)
        _last_file = (lines, text)
    return text


def names_of_omp(function):
    """The dotted names by which the function reaches the `omp` object."""
    names = set()
    scopes = [function.__globals__]
    if function.__closure__:
        cells = {}
        for name, cell in zip(function.__code__.co_freevars, function.__closure__, strict=True):
            try:
                cells[name] = cell.cell_contents
            except ValueError:  # not assigned yet
                continue
        scopes.append(cells)
    mentioned = mentioned_names(function.__code__)
    for scope in scopes:
        # Decorators and the module's own statements are no part of the function's code.
        names.update(name for name, value in list(scope.items()) if value is omp)
        for name in mentioned & scope.keys():
            value = scope[name]
            if isinstance(value, types.ModuleType):
                members = mentioned & vars(value).keys()
                names.update(f"{name}.{member}" for member in members if vars(value)[member] is omp)
    return sorted(names)


def mentioned_names(code):
    names = {*code.co_names, *code.co_freevars}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= mentioned_names(constant)
    return names


def warn_of_fallback(function, reason, line, column):
    text = f"`{function.__qualname__}` runs in python mode: {reason}"
    warn(function, OmplyFallbackWarning, text, line, column)


def warn(function, category, text, line, column):
    import warnings

    filename = function.__code__.co_filename
    warnings.warn_explicit(
        f"{filename}:{line}:{column}: {text}", category, filename, line, module=function.__module__
    )
