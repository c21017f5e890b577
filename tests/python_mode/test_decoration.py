"""What decoration keeps of a function, and what it can decorate."""

import inspect
import textwrap

import omply
import pytest
from omply import OmplySyntaxError, omp, omp_get_thread_num
from omply import omp as openmp


@omp(mode="python")
def documented(a, b=2, *rest, c: int = 3, **more) -> int:
    """Adds things."""
    total = a + b + c
    with omp("parallel for reduction(+: total)"):
        for item in rest:
            total += item
    return total


def test_attributes_are_the_functions():
    assert documented.__name__ == "documented"
    assert documented.__qualname__ == "documented"
    assert documented.__doc__ == "Adds things."
    assert documented.__module__ == __name__
    assert documented.__annotations__ == {"c": int, "return": int}
    assert str(inspect.signature(documented)) == "(a, b=2, *rest, c: int = 3, **more) -> int"
    assert documented.__wrapped__.__name__ == "documented"


def test_arguments_are_bound_as_by_the_function():
    assert documented(1) == 6
    assert documented(1, 10, 100, 200, c=0, other=1) == 311
    with pytest.raises(TypeError, match="documented"):
        documented()


class Account:
    rate = 2

    def __init__(self):
        self.__hidden = 10

    @omp(mode="python")
    def add(self, n):
        with omp("parallel for"):
            for _ in range(n):
                with omp("critical"):
                    self.__hidden += self.rate
        return self.__hidden

    @omp(mode="python")
    @staticmethod
    def twice(n):
        s = 0
        with omp("parallel for reduction(+: s)"):
            for _ in range(n):
                s += 2
        return s

    @classmethod
    @omp(mode="python")
    def scaled(cls, n):
        s = 0
        with omp("parallel for reduction(+: s)"):
            for _ in range(n):
                s += cls.rate
        return s


class Derived(Account):
    @omp(mode="python")
    def add(self, n):
        results = []
        with omp("parallel num_threads(2)"):
            with omp("masked"):
                results.append(super().add(n))
        return results[0]


def test_methods_private_names_and_super():
    assert Account().add(5) == 20
    assert Derived().add(5) == 20
    assert Account.twice(4) == 8
    assert Account.scaled(4) == 8
    assert Account.add.__qualname__ == "Account.add"


def make_counter(step):
    count = 0

    @omp(mode="python")
    def bump(n):
        nonlocal count
        with omp("parallel for"):
            for _ in range(n):
                with omp("critical"):
                    count += step
        return count

    def peek():
        return count

    return bump, peek


def test_closures_share_their_cells():
    bump, peek = make_counter(3)
    assert bump(10) == 30
    assert peek() == 30
    other, _ = make_counter(1)
    assert other(5) == 5
    assert peek() == 30


@openmp(mode="python")
def by_another_name(n):
    s = 0
    with openmp("parallel for reduction(+: s)"):
        for i in range(n):
            s += i
    return s


@omply.omp(mode="python")
def by_the_module(n):
    s = 0
    with omply.omp("parallel for reduction(+: s)"):
        for i in range(n):
            s += i
    return s


def test_any_name_of_the_object_works():
    assert by_another_name(10) == 45
    assert by_the_module(10) == 45


@omp(mode="python")
def generator(n):
    for k in range(n):
        s = 0
        with omp("parallel for reduction(+: s)"):
            for i in range(k):
                s += i
        yield s


@omp(mode="python")
async def coroutine(n):
    s = 0
    with omp("parallel for reduction(+: s)"):
        for i in range(n):
            s += i
    return s


def test_generators_and_coroutines_may_hold_regions():
    import asyncio

    assert list(generator(5)) == [0, 0, 1, 3, 6]
    assert inspect.iscoroutinefunction(coroutine)
    assert asyncio.run(coroutine(10)) == 45


def test_function_without_source_is_a_clear_error():
    scope = {"omp": omp}
    exec(compile("def f():\n    pass", "<nowhere>", "exec"), scope)
    with pytest.raises(OmplySyntaxError, match="source of `f` cannot be read"):
        omp(mode="python")(scope["f"])


def test_source_may_come_from_a_session(tmp_path):
    import linecache

    text = textwrap.dedent(
        """
        @omp(mode="python")
        def f(n):
            s = 0
            with omp("parallel for reduction(+: s)"):
                for i in range(n):
                    s += i
            return s
        """
    )
    linecache.cache["<cell 1>"] = (len(text), None, text.splitlines(True), "<cell 1>")
    scope = {"omp": omp}
    exec(compile(text, "<cell 1>", "exec"), scope)
    assert scope["f"](10) == 45


def test_only_functions_can_be_decorated():
    with pytest.raises(TypeError, match="functions written in Python"):
        omp(mode="python")(len)
    with pytest.raises(TypeError, match="no option 'speed'"):
        omp(speed=1)
    with pytest.raises(ValueError, match="mode is one of"):
        omp(mode="fast")


@omp(mode="python")
def undirected(x):
    return x + 1


def test_function_without_directives_is_itself():
    assert undirected(1) == 2


def names_left(out):
    before = 1
    with omp("parallel num_threads(1)"):
        inside = before
        out.append({name for name in locals() if not name.startswith(".")})
        del inside
    out.append({name for name in locals() if name.isidentifier()})


def test_no_names_are_introduced():
    out = []
    omp(mode="python")(names_left)(out)
    assert out[0] <= {"before", "inside", "out"}
    assert out[1] == {"before", "out"}


def factory():
    @omp(mode="python")
    def numbers(out):
        with omp("parallel num_threads(2)"):
            out[omp_get_thread_num()] = 1

    return numbers


def test_directive_text_may_be_joined_of_several_literals():
    out = [0, 0]
    factory()(out)
    assert out == [1, 1]
