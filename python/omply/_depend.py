"""What dependences of tasks depend on, as addresses: two dependences meet where their addresses do.

Each is given as (address, length of a row, rows, distance of rows). Arrays stand for the memory they show. Other objects have no elements in memory to speak of, so
they get intervals outside of it, by their identity: a container one that its elements and slices are parts of, an attribute and
a variable one each. Different objects may get the same place; tasks then wait for one another without need, which does no harm.
"""

import itertools
import operator
import sys

from ._core import pymode

BEYOND = 1 << 63  # no memory has such addresses
ROOM = 1 << 24  # places in the interval of a container
CONTAINERS = 1 << 37

part = slice
new_object = pymode.new_object
combinations = itertools.product


class Key:
    """Tells a variable of one activation of a function from all others."""


def is_array(value):
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def spread(number):
    """Moves neighbouring numbers apart."""
    return (number * 0x9E3779B97F4A7C15 >> 13) % CONTAINERS


def interval(first, length):
    return first, length, 1, 0


def start_of(value):
    return BEYOND + spread(id(value) >> 4) * ROOM


def depend_name(key, value):
    if is_array(value):
        return memory(value)
    if isinstance(value, (list, dict, set, bytearray)):
        return interval(start_of(value), ROOM)
    number = hash(key) if isinstance(key, str) else id(key) >> 4
    return interval(BEYOND + spread(number ^ 0x5555) * ROOM, 1)


def iterated(start, stop, step=1):
    """Those of an iterator."""
    return range(start, stop, step)


def depend_object(number):
    """The number of a dependence object, which is one."""
    return work_on_object(number, "find")


def update_object(number, kind):
    work_on_object(number, kind)


def destroy_object(number):
    work_on_object(number, "destroy")


def work_on_object(number, action):
    try:
        known = pymode.depend_object(operator.index(number), action)
    except TypeError:
        known = False
    if not known:
        raise ValueError("this is no dependence object, or it has been destroyed")
    return number


def depend_attribute(value, name):
    return interval(BEYOND + spread((id(value) >> 4) ^ hash(name)) * ROOM + 1, 1)


def depend_item(value, index):
    if is_array(value):
        return memory(part_of(value, index))
    start = start_of(value)
    if isinstance(value, dict):
        return interval(start + hash(index) % ROOM, 1)
    if not hasattr(value, "__len__") or (not isinstance(index, slice) and not hasattr(index, "__index__")):
        return interval(start, ROOM)
    length = len(value)
    if isinstance(index, slice):
        taken = range(length)[index]
        if not taken:
            return interval(start, 0)
        first, end = min(taken), max(taken) + 1
    else:
        first = range(length)[operator.index(index)]
        end = first + 1
    if first // ROOM != (end - 1) // ROOM:
        return interval(start, ROOM)
    return interval(start + first % ROOM, end - first)


def part_of(array, index):
    """The part of an array that a subscript means, as a view of its memory."""
    index = index if isinstance(index, tuple) else (index,)
    if any(part is None or part is ... for part in index):
        return array[index]
    return array[tuple(map(as_slice, index, array.shape))]


def as_slice(index, length):
    """An index as the slice of its one item, so that the result shows the array's own memory."""
    if not hasattr(index, "__index__"):
        return index
    first = range(length)[operator.index(index)]
    return slice(first, first + 1)


def memory(array):
    """The rows of bytes of an array, or all from the first to the last byte where there are more axes."""
    first = array.__array_interface__["data"][0]
    if array.size == 0:
        return interval(first, 0)
    length = array.itemsize
    axes = [axis for axis in zip(array.shape, array.strides, strict=True) if axis[0] > 1]
    while axes and axes[-1][1] == length:
        length *= axes.pop()[0]
    if not axes:
        return interval(first, length)
    if len(axes) == 1:
        return first, length, *axes[0]
    last = first
    for count, stride in axes:
        if stride < 0:
            first += (count - 1) * stride
        else:
            last += (count - 1) * stride
    return interval(first, last - first + length)
