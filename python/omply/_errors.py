"""What Omply raises and warns about. The compiler builds its reports through `report`."""


class OmplySyntaxError(SyntaxError):
    """A directive or the code around it breaks a rule. The message is the full report, all errors of the function."""

    code = None


class OmplyTypeError(TypeError):
    """A function cannot be typed for native mode. Carries the place as a `SyntaxError` does."""

    code = filename = lineno = offset = text = None

    @property
    def msg(self):
        return self.args[0] if self.args else ""


class OmplyRuntimeError(RuntimeError):
    """A directive was executed where its result would be wrong."""


class OmplyDeviceError(OmplyRuntimeError):
    """A device could not do what a construct asked for: the message names variable, region and device."""


class OmplyWarning(UserWarning):
    """A directive has no effect where it stands."""


class OmplyFallbackWarning(OmplyWarning):
    """A function runs in python mode, because native mode cannot take it."""


def report(name, text, filename=None, line=None, column=None, code=None, reason=None):
    """Builds the exception class called `name` for a rendered report; the place is that of its first error."""
    import linecache

    source = linecache.getline(filename, line) if filename and line else ""
    text = text.rstrip("\n")
    if name == "OmplyTypeError":
        error = OmplyTypeError(text)
        error.filename, error.lineno, error.offset, error.text = filename, line, column, source or None
    else:
        error = OmplySyntaxError(text, (filename, line, column, source or None))
    error.code = code
    error.reason = reason
    return error
