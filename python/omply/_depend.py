"""What dependences of tasks depend on, as intervals of addresses: two dependences meet where their intervals do.

Arrays stand for the memory they show, from the first to the last byte. Other objects have no elements in memory to speak of, so
they get intervals outside of it, by their identity: a container one that its elements and slices are parts of, an attribute and
a variable one each. Different objects may get the same place; tasks then wait for one another without need, which does no harm.
"""

import operator
import sys

BEYOND = 1 << 63  # no memory has such addresses
ROOM = 1 << 24  # places in the interval of a container
CONTAINERS = 1 << 37

part = slice


class Key:
    """Tells a variable of one activation of a function from all others."""


def is_array(value):
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def spread(number):
    """Moves neighbouring numbers apart."""
    return (number * 0x9E3779B97F4A7C15 >> 13) % CONTAINERS


def container(value):
    return BEYOND + spread(id(value) >> 4) * ROOM, ROOM


def depend_name(key, value):
    if is_array(value):
        return memory(value)
    if isinstance(value, (list, dict, set, bytearray)):
        return container(value)
    number = hash(key) if isinstance(key, str) else id(key) >> 4
    return BEYOND + spread(number ^ 0x5555) * ROOM, 1


def depend_attribute(value, name):
    return BEYOND + spread((id(value) >> 4) ^ hash(name)) * ROOM + 1, 1


def depend_item(value, index):
    if is_array(value):
        return memory(part_of(value, index))
    start, room = container(value)
    if isinstance(value, dict):
        return start + hash(index) % room, 1
    if not hasattr(value, "__len__") or (not isinstance(index, slice) and not hasattr(index, "__index__")):
        return start, room
    length = len(value)
    if isinstance(index, slice):
        taken = range(length)[index]
        first, end = (min(taken), max(taken) + 1) if taken else (0, 0)
    else:
        first = range(length)[operator.index(index)]
        end = first + 1
    if first // room != (end - 1) // room:
        return start, room
    return start + first % room, end - first


def all_memory():
    return 0, (1 << 64) - 1


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
    """From the first to the last byte of an array."""
    first = array.__array_interface__["data"][0]
    if array.size == 0:
        return first, 0
    last = first
    for length, stride in zip(array.shape, array.strides, strict=True):
        if stride < 0:
            first += (length - 1) * stride
        else:
            last += (length - 1) * stride
    return first, last - first + array.itemsize
