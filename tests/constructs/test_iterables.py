"""Loops over Python objects: sequences by index, any other iterable drawn under a lock."""

import collections

import pytest
from omply import omp


def collect(items, out):
    with omp("parallel for"):
        for item in items:
            with omp("critical"):
                out.append(item)


@pytest.mark.parametrize(
    "items",
    [list(range(37)), tuple("abc"), "hello", b"bytes", range(5), collections.deque([1, 2, 3]), []],
    ids=repr,
)
def test_sequences(objects, items):
    out = []
    objects(collect, items, out)
    assert sorted(out) == sorted(items)


def drawn(items, out):
    with omp("parallel for schedule(dynamic, 3)"):
        for item in iter(items):
            with omp("critical"):
                out.append(item)


def squares(n):
    for i in range(n):
        yield i * i


def test_generators_are_drawn_once(objects):
    out = []
    objects(drawn, squares(50), out)
    assert sorted(out) == [i * i for i in range(50)]


def over_items(table, out):
    with omp("parallel for schedule(dynamic)"):
        for key, value in table.items():
            with omp("critical"):
                out.append((key, value))


def test_dictionary_items(objects):
    table = {str(i): i for i in range(30)}
    out = []
    objects(over_items, table, out)
    assert sorted(out) == sorted(table.items())


def last_drawn(n):
    x = None
    with omp("parallel for lastprivate(x) schedule(dynamic)"):
        for value in map(str, range(n)):
            x = value
    return x


def test_lastprivate_of_the_last_item_drawn(objects):
    assert objects(last_drawn, 25) == "24"


def failing():
    yield 1
    yield 2
    raise LookupError("no more of these")


def test_an_exception_of_the_iterator_comes_out(objects):
    with pytest.raises(LookupError, match="no more"):
        objects(drawn, failing(), [])


class Letters:
    """A sequence by the old protocol, without slices."""

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return "wxyz"[index.__index__()]


def test_sequence_without_slices(objects):
    out = []
    objects(collect, Letters(), out)
    assert sorted(out) == ["w", "x", "y", "z"]


def zipped(names, out):
    with omp("parallel for"):
        for i, (name, letter) in enumerate(zip(names, "abcdefgh"), start=10):  # noqa: B905
            out[i - 10] = f"{i}{name}{letter}"


def test_enumerate_of_zip(objects):
    out = [None] * 8
    objects(zipped, [str(i) for i in range(8)], out)
    assert out == [f"{i + 10}{i}{'abcdefgh'[i]}" for i in range(8)]


def backwards(items, out):
    with omp("parallel for"):
        for i, item in enumerate(reversed(items)):
            out[i] = item


def test_reversed_sequences(objects):
    out = [None] * 10
    objects(backwards, list(range(10)), out)
    assert out == list(range(9, -1, -1))


def static_over_a_generator(n):
    with omp("parallel for schedule(static)"):
        for i in (k for k in range(n)):
            int(i)


def test_static_wants_a_length_whichever_thread_shares(objects):
    for _ in range(5):
        with pytest.raises(TypeError, match="needs a sequence with a length"):
            objects(static_over_a_generator, 10)
