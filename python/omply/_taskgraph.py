"""`taskgraph`: its block is executed every time it is met, which generates the tasks anew. What a construct has to keep from one time to the
next are the values of its tasks' `firstprivate(saved: ...)` variables, in the order in which the tasks are generated.
"""

import copy
import operator

from ._core.pymode import TaskGroup

# What is kept, by construct and the value of its `graph_id` clause.
RECORDS = {}


class Taskgraph:
    """One execution of a construct's block, as a context manager."""

    def __init__(self, construct, graph_id=0, reset=False, if_=True, nogroup=False):
        key = construct, operator.index(graph_id)
        if reset:
            RECORDS.pop(key, None)
        self.record = RECORDS.get(key)
        # What this execution notes; nothing where there are notes, or none are asked for.
        self.notes = [] if if_ and self.record is None else None
        self.key = key
        self.number = 0
        self.uses_record = bool(if_)
        self.group = None if nogroup else TaskGroup()

    def __enter__(self):
        if self.group is not None:
            self.group.__enter__()
        return self

    def __exit__(self, kind, value, traceback):
        if self.notes is not None and kind is None:
            RECORDS.setdefault(self.key, self.notes)
        if self.group is not None:
            return self.group.__exit__(kind, value, traceback)
        return None

    def saved(self, value):
        """The value that the next task's variable has: the present one, unless another one is kept."""
        if self.notes is not None:
            self.notes.append(copy.copy(value))
        elif self.uses_record and self.number < len(self.record):
            value = copy.copy(self.record[self.number])
        self.number += 1
        return value
