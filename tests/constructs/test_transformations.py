"""Loop transformations: the exact order of the iterations in one thread, each iteration once in a team, and loop variables afterwards."""

import numpy as np
import pytest
from omply import omp


def traced(source, mode):
    """A program from its text, in one thread; every `visit(...)` in it notes down two numbers."""
    import linecache
    import textwrap

    lines = textwrap.dedent(source).splitlines()
    body = "\n".join("    " + line for line in lines)
    text = f"def program(n, m, out):\n    t = 0\n    i = -1\n    j = -1\n{body}\n    return t, i, j\n"
    text = text.replace("visit(", "t = note(out, t, ")
    made = []
    for line in text.splitlines():
        if "t = note(" in line:
            indent = line[: len(line) - len(line.lstrip())]
            a, b = line.split("note(out, t, ")[1].rstrip(")").split(",")
            made += [f"{indent}out[t, 0] = {a}", f"{indent}out[t, 1] = {b}", f"{indent}t += 1"]
        else:
            made.append(line)
    text = "\n".join(made) + "\n"
    name = f"<traced {hash(text)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    namespace = {"omp": omp, "np": np}
    exec(compile(text, name, "exec"), namespace)
    return omp(mode=mode)(namespace["program"])


def order(source, mode, n=0, m=0):
    """The numbers noted down, and the loop variables in the end."""
    out = np.full((4000, 2), -9, dtype=np.int64)
    count, i, j = traced(source, mode)(n, m, out)
    return [tuple(pair) for pair in out[:count].tolist()], (i, j)


@pytest.fixture(params=["python", "native"])
def mode(request):
    from omply import _core

    if request.param == "native" and not _core.has_native:
        pytest.skip("built without native mode")
    return request.param


def blocks(items, size):
    return [items[k : k + size] for k in range(0, len(items), size)]


TILE = """
    with omp("tile sizes(4, 3)"):
        for i in range({i}):
            for j in range({j}):
                visit(i, j)
"""
RANGES = ["n", "2, n", "n, -2, -3", "1, n, 2", "0"]


@pytest.mark.parametrize("rows", RANGES)
@pytest.mark.parametrize("columns", ["m", "m, 0, -2"])
def test_tile_runs_tile_after_tile(mode, rows, columns):
    n, m = 11, 8
    outer, inner = (list(eval(f"range({text})", {"n": n, "m": m})) for text in (rows, columns))
    expected = [(i, j) for a in blocks(outer, 4) for b in blocks(inner, 3) for i in a for j in b]
    found, (i, j) = order(TILE.format(i=rows, j=columns), mode, n, m)
    assert found == expected
    assert (i, j) == ((outer[-1], inner[-1]) if outer and inner else (-1, -1))


def test_tile_takes_sizes_that_are_known_when_it_runs(mode):
    source = """
    with omp("tile sizes(m)"):
        for i in range(n):
            visit(i, m)
    """
    assert order(source, mode, 10, 4) == ([(i, 4) for i in range(10)], (9, -1))
    with pytest.raises(ValueError, match="`sizes` must be positive, got 0"):
        order(source, mode, 10, 0)


def test_a_number_of_tiles_instead_of_their_size(mode):
    source = """
    with omp("tile sizes(grid: 2, 2)"):
        for i in range(n):
            for j in range(m):
                visit(i, j)
    """
    expected = [(i, j) for a in blocks(range(7), 4) for b in blocks(range(5), 3) for i in a for j in b]
    assert order(source, mode, 7, 5)[0] == expected


@pytest.mark.covers("unroll", "unroll full", "unroll partial(3) apply(reverse)")
@pytest.mark.parametrize("clause", ["", " full", " partial", " partial(3)", " partial(3) apply(reverse)"])
def test_unroll_keeps_the_order(mode, clause):
    source = f"""
    with omp("unroll{clause}"):
        for i in range(2, 12, 2):
            visit(i, 0)
    """
    expected = list(range(2, 12, 2))
    if "apply" in clause:
        expected = [8, 10, 2, 4, 6]
    assert order(source, mode) == ([(i, 0) for i in expected], (10, -1))


@pytest.mark.parametrize("bounds", RANGES)
def test_reverse_runs_backwards(mode, bounds):
    source = f"""
    with omp("reverse"):
        for i in range({bounds}):
            visit(i, 0)
    """
    values = list(eval(f"range({bounds})", {"n": 9}))
    assert order(source, mode, 9) == (
        [(i, 0) for i in reversed(values)],
        (values[-1] if values else -1, -1),
    )


def test_interchange_swaps_or_permutes(mode):
    source = """
    with omp("interchange"):
        for i in range(n):
            for j in range(m):
                visit(i, j)
    """
    assert order(source, mode, 3, 4) == ([(i, j) for j in range(4) for i in range(3)], (2, 3))
    assert order(source, mode, 0, 4) == ([], (-1, -1))
    source = """
    with omp("interchange permutation(3, 1, 2)"):
        for i in range(n):
            for j in range(m):
                for k in range(2):
                    visit(10 * i + j, k)
    """
    expected = [(10 * i + j, k) for k in range(2) for i in range(3) for j in range(4)]
    assert order(source, mode, 3, 4)[0] == expected


@pytest.mark.covers("split counts(3, omp_fill, 2)", "split counts(3, omp_fill, 2) apply(split(2): reverse)")
@pytest.mark.parametrize("n", [0, 1, 3, 7, 20])
@pytest.mark.parametrize("apply, parts", [("", (0, 0, 0)), (" apply(split(2): reverse)", (0, 1, 0))])
def test_split_runs_one_part_after_the_other(mode, n, apply, parts):
    source = f"""
    with omp("split counts(3, omp_fill, 2){apply}"):
        for i in range(n):
            visit(i, 0)
    """
    fill = max(n - 5, 0)
    values = list(range(n))
    pieces = [values[:3], values[3 : 3 + fill], values[3 + fill :]]
    expected = [
        i for piece, back in zip(pieces, parts, strict=True) for i in (reversed(piece) if back else piece)
    ]
    assert order(source, mode, n)[0] == [(i, 0) for i in expected]


def test_stripe_goes_through_the_nest_in_strides(mode):
    source = """
    with omp("stripe sizes(3, 2)"):
        for i in range(n):
            for j in range(m):
                visit(i, j)
    """
    expected = [(i, j) for a in range(3) for b in range(2) for i in range(a, 7, 3) for j in range(b, 5, 2)]
    assert order(source, mode, 7, 5) == (expected, (6, 4))
    assert order(source, mode, 2, 1)[0] == [(0, 0), (1, 0)]


def test_fuse_takes_turns_and_the_longer_loop_goes_on(mode):
    source = """
    with omp("fuse"):
        for i in range(n):
            visit(i, 0)
        for j in range(10, 10 + 2 * m, 2):
            if j == 12:
                continue
            visit(j, 1)
    """
    expected = [(0, 0), (10, 1), (1, 0), (2, 0), (14, 1), (16, 1)]
    assert order(source, mode, 3, 4) == (expected, (2, 16))


def test_a_looprange_fuses_some_of_the_loops(mode):
    source = """
    with omp("fuse looprange(2, 2)"):
        for i in range(2):
            visit(i, 0)
        for i in range(3):
            visit(i, 1)
        for i in range(2):
            visit(i, 2)
        for i in range(2):
            visit(i, 3)
    """
    expected = [(0, 0), (1, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (0, 3), (1, 3)]
    assert order(source, mode)[0] == expected


def test_fuse_to_a_depth_fuses_the_inner_loops_too(mode):
    source = """
    with omp("fuse depth(2)"):
        for i in range(2):
            for j in range(2):
                visit(i, j)
        for i in range(1):
            for j in range(3):
                visit(10 + i, j)
    """
    expected = [(0, 0), (10, 0), (0, 1), (10, 1), (10, 2), (1, 0), (1, 1)]
    assert order(source, mode)[0] == expected


def test_flatten_is_one_loop_that_others_can_transform(mode):
    source = """
    with omp("reverse"):
        with omp("flatten depth(2)"):
            for i in range(n):
                for j in range(m):
                    visit(i, j)
    """
    every = [(i, j) for i in range(3) for j in range(4)]
    assert order(source, mode, 3, 4) == (every[::-1], (2, 3))
    assert order(source, mode, 0, 4)[0] == []


def test_transformations_inside_of_each_other_begin_with_the_inner_one(mode):
    source = """
    with omp("tile sizes(2, 3)"):
        with omp("interchange"):
            for i in range(n):
                with omp("reverse"):
                    for j in range(m):
                        visit(i, j)
    """
    columns = list(reversed(range(4)))
    expected = [(i, j) for a in blocks(columns, 2) for b in blocks(range(5), 3) for j in a for i in b]
    assert order(source, mode, 5, 4) == (expected, (4, 3))


def test_apply_transforms_generated_loops(mode):
    source = """
    with omp("tile sizes(2, 2) apply(grid: reverse, nothing) apply(intratile: interchange)"):
        for i in range(n):
            for j in range(m):
                visit(i, j)
    """
    expected = [(i, j) for a in blocks(range(5), 2)[::-1] for b in blocks(range(3), 2) for j in b for i in a]
    assert order(source, mode, 5, 3)[0] == expected


def test_apply_in_an_applied_directive(mode):
    source = """
    with omp("tile sizes(4) apply(intratile: tile sizes(2) apply(grid: reverse))"):
        for i in range(n):
            visit(i, 0)
    """
    expected = [i for a in blocks(range(10), 4) for b in blocks(a, 2)[::-1] for i in b]
    assert [i for i, _ in order(source, mode, 10)[0]] == expected


def test_loops_over_items_are_transformed_by_their_numbers(mode):
    source = """
    a = np.arange(n) * 10
    with omp("tile sizes(2) apply(intratile: reverse)"):
        for i, j in enumerate(a):
            visit(i, j)
    """
    expected = [(1, 10), (0, 0), (3, 30), (2, 20), (4, 40)]
    assert order(source, mode, 5) == (expected, (4, 40))


def test_continue_and_inner_constructs_in_a_transformed_loop(mode):
    source = """
    with omp("tile sizes(2, 2)"):
        for i in range(n):
            for j in range(m):
                if (i + j) % 2:
                    continue
                with omp("critical"):
                    visit(i, j)
    """
    expected = [
        (i, j)
        for a in blocks(range(4), 2)
        for b in blocks(range(4), 2)
        for i in a
        for j in b
        if (i + j) % 2 == 0
    ]
    assert order(source, mode, 4, 4)[0] == expected


# --- With constructs that divide the generated loops ---


def tiled_product(a, b, c):
    n, m, k = a.shape[0], b.shape[1], a.shape[1]
    with omp("parallel for collapse(2)"):
        with omp("tile sizes(8, 5, 4)"):
            for i in range(n):
                for j in range(m):
                    for p in range(k):
                        c[i, j] += a[i, p] * b[p, j]


def test_the_tiles_of_a_product_are_divided(program):
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 9, (21, 13)).astype(float), rng.integers(0, 9, (13, 17)).astype(float)
    c = np.zeros((21, 17))
    program(tiled_product, a, b, c)
    assert (c == a @ b).all()


def all_levels(visits):
    with omp("parallel for collapse(4) schedule(dynamic, 3)"):
        with omp("tile sizes(4, 3)"):
            for i in range(visits.shape[0]):
                for j in range(visits.shape[1]):
                    visits[i, j] += 1


def striped_levels(visits):
    with omp("parallel for collapse(2)"):
        with omp("stripe sizes(4)"):
            for i in range(visits.shape[0]):
                for j in range(visits.shape[1]):
                    visits[i, j] += 1


@pytest.mark.parametrize("function", [all_levels, striped_levels])
@pytest.mark.parametrize("shape", [(10, 7), (0, 7), (3, 2), (8, 6)])
def test_grid_and_tile_loops_may_be_collapsed_together(program, function, shape):
    visits = np.zeros(shape, dtype=np.int64)
    program(function, visits)
    assert (visits == 1).all()


def partly(out):
    s = 0
    with omp("parallel for reduction(+: s)"):
        with omp("unroll partial(4)"):
            for i in range(len(out)):
                out[i] = i
                s += i
    return s


def reversed_rows(out):
    s = 0
    i = 5
    with omp("parallel for reduction(+: s) lastprivate(i)"):
        with omp("reverse"):
            for i in range(len(out)):
                out[i] = i
                s += i
    return s if len(out) == 0 or i in (0, len(out) - 1) else -1


def flattened(out):
    s = 0
    with omp("parallel for reduction(+: s) schedule(static, 2)"):
        with omp("flatten"):
            for i in range(len(out)):
                for j in range(3):
                    if j == 0:
                        out[i] = i
                        s += i
    return s


def fused(out):
    s = 0
    with omp("parallel for reduction(+: s)"):
        with omp("fuse"):
            for i in range(len(out)):
                s += i
            for j in range(len(out)):
                out[j] = j
    return s


def inner_nest(out):
    s = 0
    with omp("parallel for collapse(2) reduction(+: s)"):
        for i in range(2):
            with omp("tile sizes(3)"):
                for j in range(len(out)):
                    if i == 0:
                        out[j] = j
                        s += j
    return s


def of_each_thread(out):
    s = 0
    with omp("parallel reduction(+: s)"):
        with omp("for nowait"):
            for k in range(4):
                with omp("reverse"):
                    for i in range(len(out)):
                        if k == 2:
                            out[i] = i
                            s += i
    return s


def in_tasks(out):
    s = 0
    with omp("parallel"):
        with omp("single"):
            with omp("taskloop reduction(+: s) grainsize(2)"):
                with omp("tile sizes(5)"):
                    for i in range(len(out)):
                        out[i] = i
                        s += i
    return s


def by_teams(out):
    s = 0
    with omp("teams distribute reduction(+: s) num_teams(3)"):
        with omp("tile sizes(5)"):
            for i in range(len(out)):
                out[i] = i
                s += i
    return s


def in_lanes(out):
    s = 0
    with omp("simd reduction(+: s)"):
        with omp("unroll partial(2)"):
            for i in range(len(out)):
                out[i] = i
                s += i
    return s


DIVIDED = [
    partly,
    reversed_rows,
    flattened,
    fused,
    inner_nest,
    of_each_thread,
    in_tasks,
    by_teams,
    in_lanes,
]


@pytest.mark.parametrize("n", [0, 1, 50])
@pytest.mark.parametrize("function", DIVIDED)
def test_generated_loops_are_divided(program, function, n):
    out = np.full(n, -1)
    assert program(function, out) == sum(range(n))
    assert out.tolist() == list(range(n))


def own_variable(n):
    i = 77
    with omp("parallel for"):
        with omp("tile sizes(4)"):
            for i in range(n):
                pass
    return i


def test_a_divided_loop_leaves_the_variable_outside_alone(team):
    assert team(own_variable, 10) == 77


def last_in_lanes(n):
    i = j = -1
    with omp("simd collapse(2)"):
        with omp("interchange"):
            for i in range(n):
                for j in range(3):
                    pass
    return i, j


def test_simd_leaves_the_last_values_of_the_loops_as_written(program):
    assert program(last_in_lanes, 5) == (4, 2)


def beyond(a, n):
    with omp("parallel for"):
        with omp("tile sizes(4)"):
            for i in range(n):
                a[i] = 1.0


def test_an_exception_leaves_generated_loops(program):
    with pytest.raises(IndexError):
        program(beyond, np.zeros(10), 11)


@pytest.mark.covers(
    "reverse apply(reverse)", "interchange apply(reverse, nothing)", "stripe sizes(2) apply(offsets: reverse)"
)
@pytest.mark.parametrize(
    "directive, loops, expected",
    [
        ("reverse apply(reverse)", 1, [(i, 0) for i in range(5)]),
        ("interchange apply(reverse, nothing)", 2, [(i, j) for j in range(2, -1, -1) for i in range(5)]),
        ("stripe sizes(2) apply(offsets: reverse)", 1, [(i, 0) for i in (1, 3, 0, 2, 4)]),
    ],
)
def test_apply_on_what_each_transformation_generates(mode, directive, loops, expected):
    second = (
        "        for j in range(m):\n                visit(i, j)" if loops == 2 else "        visit(i, 0)"
    )
    source = f"""
    with omp("{directive}"):
        for i in range(n):
    {second}
    """
    assert order(source, mode, 5, 3)[0] == expected
