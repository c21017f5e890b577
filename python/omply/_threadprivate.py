"""Threadprivate variables: module globals of which every worker thread has its own copy. Groupprivate ones: of which every
team of a league has its own copy.

Threads that Python started, and their teams, see the global itself; a copy starts as what the global held when it was declared.
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
        own["/grouped"] = set()
        own["/groups"] = {}
        own["/lock"] = _thread.allocate_lock()

    def __getattribute__(self, name):
        own = fields(self)
        module = own["/module"]
        copies = place_of(own, name)
        try:
            if name not in copies:
                initial = own["/initial"]
                # Of a team's threads, one makes the copy.
                copies.setdefault(name, copy(initial[name] if name in initial else module[name]))
            return copies[name]
        except KeyError:
            raise NameError(f"name {name!r} is not defined", name=name) from None

    def __setattr__(self, name, value):
        place_of(fields(self), name)[name] = value

    def __delattr__(self, name):
        place = place_of(fields(self), name)
        if name not in place:
            raise NameError(f"name {name!r} is not defined", name=name)
        del place[name]


def place_of(own, name):
    """The dict that holds the calling thread's, or its contention group's, variable of that name."""
    if name not in own["/grouped"]:
        return own["/copies"].__dict__ if _core.pymode.is_worker() else own["/module"]
    group = _core.pymode.contention_group()
    if group is None:
        return own["/module"]
    place, instance = group
    known = own["/groups"].get(place)
    if known is None or known[0] != instance:
        with own["/lock"]:
            known = own["/groups"].get(place)
            if known is None or known[0] != instance:
                known = own["/groups"][place] = (instance, {})
    return known[1]


def storage(module):
    """The storage of the module with these globals."""
    if KEY not in module:
        module[KEY] = Storage(module)
    return module[KEY]


def group(module, names):
    """Has the variables of these names be the contention groups'."""
    fields(storage(module))["/grouped"].update(names)


def declared(module):
    """The names that the module has declared threadprivate."""
    return fields(module[KEY])["/declared"] if KEY in module else set()


def declare(text, module):
    """Remembers what the variables listed in a `threadprivate` or `groupprivate` directive hold now."""
    names = text[text.index("(") + 1 : text.index(")")].split(",") if "(" in text else []
    own = fields(storage(module))
    initial = own["/initial"]
    for name in map(str.strip, names):
        own["/declared"].add(name)
        if text.startswith("groupprivate"):
            own["/grouped"].add(name)
        if name in module:
            initial[name] = copy(module[name])
