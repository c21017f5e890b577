"""`OMPLY_CHECK`: every thread says what it comes to, so that a team whose threads come to different constructs is told of it
instead of waiting forever."""

from .._core import pymode
from .nodes import call, constant, statement, with_

# What all threads of a team have to meet, and the blocks that such a construct may not stand in.
TOGETHER = {"barrier", "for", "sections", "single", "scope"}
BLOCKS = {"for", "sections", "single", "masked", "critical", "ordered", "task", "taskloop"}


def enabled():
    return pymode.check_enabled()


def watched(rewriter, directive, made):
    """The statements of a construct, with what they tell about it."""
    leaf = directive.regions[0]
    name = constant(leaf.leaf)
    together = leaf.leaf in TOGETHER or (leaf.leaf == "loop" and leaf.bind == "parallel")
    if leaf.leaf in BLOCKS and not leaf.doacross:
        made = [with_(call("Inside", name, rewriter.place(directive)), made)]
    if together:
        made = [statement(call("meet", name, rewriter.place(directive))), *made]
    return made
