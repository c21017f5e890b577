"""Threadprivate variables: module globals of which every worker thread has its own copy.

Threads that Python started see the global itself; a worker's copy starts as what the global held when it was declared.
"""

import _thread

from . import _core
from ._team import copy

KEY = "__omply_threadprivate__"


def fields(storage):
    """A storage's own fields; its attributes are the program's variables."""
    return object.__getattribute__(storage, "__dict__")


class Storage:
    """The threadprivate variables of one module, as attributes."""

    def __init__(self, module):
        own = fields(self)
        own["/module"] = module
        own["/declared"] = set()
        own["/initial"] = {}
        own["/copies"] = _thread._local()

    def __getattribute__(self, name):
        own = fields(self)
        module = own["/module"]
        try:
            if not _core.pymode.is_worker():
                return module[name]
            copies = own["/copies"].__dict__
            if name not in copies:
                initial = own["/initial"]
                copies[name] = copy(initial[name] if name in initial else module[name])
            return copies[name]
        except KeyError:
            raise NameError(f"name {name!r} is not defined", name=name) from None

    def __setattr__(self, name, value):
        own = fields(self)
        place = own["/copies"].__dict__ if _core.pymode.is_worker() else own["/module"]
        place[name] = value

    def __delattr__(self, name):
        own = fields(self)
        place = own["/copies"].__dict__ if _core.pymode.is_worker() else own["/module"]
        if name not in place:
            raise NameError(f"name {name!r} is not defined", name=name)
        del place[name]


def storage(module):
    """The storage of the module with these globals."""
    if KEY not in module:
        module[KEY] = Storage(module)
    return module[KEY]


def declared(module):
    """The names that the module has declared threadprivate."""
    return fields(module[KEY])["/declared"] if KEY in module else set()


def declare(text, module):
    """Remembers what the variables listed in a `threadprivate` directive hold now."""
    names = text[text.index("(") + 1 : text.rindex(")")].split(",") if "(" in text else []
    own = fields(storage(module))
    initial = own["/initial"]
    for name in map(str.strip, names):
        own["/declared"].add(name)
        if name in module:
            initial[name] = copy(module[name])
