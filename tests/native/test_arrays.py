"""Arrays: every dtype and layout, indices, views, slices, assignment, attributes, and what is returned."""

import numpy as np
import pytest

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
DTYPES += ["float16", "float32", "float64", "complex64", "complex128"]


def layouts(shape, dtype="float64"):
    """Arrays of one shape in C order, Fortran order, strided, with negative strides, and broadcast from one row."""
    base = np.arange(1, 1 + int(np.prod(shape))).reshape(shape).astype(dtype)
    wide = np.repeat(base, 2, axis=-1)[..., ::2]
    return [base, np.asfortranarray(base), wide, base[..., ::-1], base[::-1].copy()[::-1], base.T.copy().T]


def copy_reversed(a, out):
    n = len(a)
    for i in range(n):
        out[n - 1 - i] = a[i]


@pytest.mark.parametrize("dtype", DTYPES)
def test_elements_of_every_dtype(agree, dtype):
    for a in layouts((5,), dtype):
        agree(copy_reversed, (a, np.zeros(5, dtype)))
    agree.expression("(a[0], a[-1], a[2])", "a", (layouts((5,), dtype)[0],))


def sum_2d(a):
    total = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            total = total * 1.5 + a[i, j] + a[i][j] + a[-1 - i, -1 - j]
    return total


def sum_3d(a):
    total = 0.0
    for i in range(a.shape[0]):
        plane = a[i]
        for j in range(a.shape[1]):
            row = plane[j]
            for k in range(a.shape[2]):
                total = total * 1.25 + a[i, j, k] - row[k] * 0.5
    return total


def sum_4d(a):
    total = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            for k in range(a.shape[2]):
                for m in range(a.shape[3]):
                    total = total * 1.25 + a[i, j, k, m] + a[i, j][k, m]
    return total


def test_two_to_four_dimensions_in_every_layout(agree):
    for a in layouts((3, 4)):
        agree(sum_2d, (a,))
    for a in layouts((2, 3, 4)):
        agree(sum_3d, (a,))
    for a in layouts((2, 1, 3, 2)):
        agree(sum_4d, (a,))


def no_dimensions(a):
    a[()] = a[()] + 1.5
    return a[()], a.ndim, a.size, a.shape


def test_arrays_without_dimensions(agree):
    agree(no_dimensions, (np.array(2.0),))


def get(a, i):
    return a[i]


def put(a, i):
    a[i] = 7
    return a


def test_indices_in_and_out_of_range(agree):
    a = np.arange(4)
    calls = [(a, i) for i in (0, 3, -1, -4, 4, -5, 100, 2**62, -(2**63))]
    agree(get, *calls)
    agree(put, *calls)
    agree(get, (a[:0], 0), (a[:0], -1))


def get_2d(a, i, j):
    return a[i, j]


def get_row_then(a, i, j):
    return a[i][j]


def test_errors_name_index_axis_and_size(agree):
    a = np.arange(6.0).reshape(2, 3)
    calls = [(a, i, j) for i in (0, -2, 2, -3) for j in (2, -3, 3, -4)]
    agree(get_2d, *calls)
    agree(get_row_then, *calls)


@pytest.mark.parametrize("index", [np.int8(-2), np.uint8(3), np.int64(1), np.uint64(2), True])
def test_indices_of_numpy_types(agree, index):
    if index is True:
        pytest.skip("a bool is a mask, not an index")
    agree(get, (np.arange(4.0), index))


SLICES = [
    "1:3",
    ":",
    "::2",
    "::-1",
    "5:1:-2",
    "-3:",
    ":-2",
    "10:",
    ":100",
    "3:1",
    "-100:2",
    "-1:-4:-1",
    "n:",
    ":n:n",
    "n::-n",
]


@pytest.mark.parametrize("text", SLICES)
def test_slices_are_views(agree, from_text, text):
    function = from_text(
        f"def f(a, n):\n    v = a[{text}]\n    for i in range(len(v)):\n        v[i] += 100 * i\n    return v\n"
    )
    for a in layouts((7,), "int64"):
        agree(function, (a, 2), (a, -2), (a, 9))
    agree(function, (np.arange(0), 2), (np.arange(1), -3))


@pytest.mark.parametrize(
    "text", ["1:, 2", ":, 1", "0, ::2", "::-1, 1:3", "1", "-1", "..., 0", "1, ...", "None, 1, :", ":, ::-2"]
)
def test_partial_indices_of_two_dimensions(agree, text):
    for a in layouts((3, 4)):
        agree.expression(f"a[{text}]", "a", (a,))


def test_a_slice_with_a_step_of_zero(agree):
    agree.expression("a[::n]", "a, n", (np.arange(4), 0), (np.arange(4), 2))


def aliases(a):
    b = a[1:]
    c = b[::-1]
    c[0] = 50
    a[1] = 60
    return b[0], c[0], a[-1]


def test_views_of_views_alias(agree):
    agree(aliases, (np.arange(5),), (np.arange(10)[::2],))


@pytest.mark.parametrize(
    "text", ["a[1:3] = 9", "a[:] = b", "a[::2] = b[:3]", "a[1:] = a[:-1]", "a[:-1] = a[1:]", "a[::-1] = a"]
)
def test_slice_assignment(agree, from_text, text):
    function = from_text(f"def f(a, b):\n    {text}\n")
    for a in layouts((5,)):
        agree(function, (a, np.arange(10.0, 15.0)))


def test_slice_assignment_of_a_wrong_shape(agree, from_text):
    function = from_text("def f(a, b):\n    a[1:] = b\n")
    agree(function, (np.zeros(5), np.ones(4)), (np.zeros(5), np.ones(1)), (np.zeros(5), np.ones(3)))


def attributes(a):
    return a.ndim, a.size, len(a), a.shape, a.itemsize, a.nbytes


def test_attributes(agree):
    for a in [*layouts((3, 4)), np.zeros((0, 3)), np.zeros((2, 0), "int16"), np.zeros(4, "complex64")]:
        agree(attributes, (a,))


def transposed(a):
    b = a.T
    b[0, 1] = -1.0
    return b


def test_transposition_is_a_view(agree):
    for a in layouts((3, 4)):
        agree(transposed, (a,))


def copies(a):
    b = a.copy()
    b[0] = 100
    a.fill(3)
    return b, a


def test_copy_and_fill(agree):
    for a in layouts((4,), "int32"):
        agree(copies, (a,))


def arithmetic(a, b):
    c = a + b * 2.0
    d = -c / (abs(a) + 1.0)
    return c, d, a < b


def test_whole_array_arithmetic(agree):
    for a in layouts((3, 4)):
        agree(arithmetic, (a, np.ones((3, 4))), (a, np.ones(4)), (a, 2.5))


def test_shapes_that_do_not_broadcast(agree):
    agree.expression(
        "a + b", "a, b", (np.ones(3), np.ones(4)), (np.ones(3), np.ones((2, 3))), (np.ones(1), np.ones(4))
    )


def test_a_returned_argument_is_the_argument(from_text):
    from omply import omp

    native = omp(mode="native")(from_text("def f(a, b):\n    a[0] = 5\n    return a, b, a\n"))
    a, b = np.zeros(3), np.zeros(4)
    first, second, third = native(a, b)
    assert first is a and second is b and third is a


def test_a_returned_view_keeps_its_base(from_text):
    from omply import omp

    native = omp(mode="native")(from_text("def f(a):\n    return a[1:3]\n"))
    a = np.arange(5.0)
    view = native(a)
    view[0] = 70.0
    assert a[1] == 70.0
    fresh = native(np.arange(5.0))
    assert fresh.tolist() == [1.0, 2.0]


def test_a_returned_view_of_a_new_array(from_text):
    from omply import omp

    native = omp(mode="native")(
        from_text("def f(n):\n    a = np.zeros(n)\n    a[1] = 2.5\n    return a[1:], a\n")
    )
    for _ in range(100):
        view, whole = native(50)
        whole[2] = 7.0
        assert view[0] == 2.5 and view[1] == 7.0


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 4), (1,), (1, 1)])
def test_shapes_of_size_zero_and_one(agree, from_text, shape):
    zero = from_text(
        "def f(a):\n    b = a.copy()\n    for x in b:\n        b[...] = 1.0\n    return b, b.shape, a[::-1]\n"
    )
    agree(zero, (np.zeros(shape),))


def test_broadcast_arguments(agree):
    wide = np.broadcast_to(np.arange(3.0), (4, 3))
    agree(sum_2d, (wide,))


def test_unaligned_and_foreign_arrays_are_refused_with_the_reason(from_text):
    from omply import omp

    native = omp(mode="native")(from_text("def f(a):\n    return a[0]\n"))
    raw = np.zeros(17, np.uint8)[1:].view(np.float64)
    swapped = np.zeros(3, ">f8")
    for array in (raw, swapped, np.array(["x"]), np.zeros(2, "datetime64[s]"), np.array([object()])):
        with pytest.raises(TypeError) as caught:
            native(array)
        assert caught.value.code and "`a`" in str(caught.value)
