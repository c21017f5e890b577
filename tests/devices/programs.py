"""Programs whose regions run on a device, each compared with NumPy. A plain script, so that it runs where there is neither pytest
nor a source tree:

    OMPLY_DEVICES=cuda python programs.py          on the first device of that plugin
    python programs.py --host                      on the host
    ... programs.py NAME...                        some of them

Where the source tree is around it, the programs of examples/devices run as well, as `example_heat` and so on.

Prints one line for each program, and last the device that took part. The exit status is 1 if a program failed, 2 if there is no
such device.
"""

import contextlib
import io
import math
import os
import runpy
import sys
import traceback
from pathlib import Path

import numpy as np
from omply import (
    OmplyDeviceError,
    omp,
    omp_get_initial_device,
    omp_get_num_devices,
    omp_is_initial_device,
    omp_set_default_device,
)

PROGRAMS = []
ON_HOST = "--host" in sys.argv


def program(function):
    PROGRAMS.append(function)
    return function


def close(found, expected, tolerance=1e-12):
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


# --- Plain kernels ---


@omp(mode="native")
def _saxpy(a, x, y):
    with omp("target teams distribute parallel for map(to: x) map(tofrom: y)"):
        for i in range(len(x)):
            y[i] = a * x[i] + y[i]


@program
def saxpy():
    for dtype in (np.float64, np.float32):
        for n in (0, 1, 31, 4096, 100001):
            x, y = np.arange(n, dtype=dtype), np.ones(n, dtype=dtype)
            _saxpy(dtype(2.0), x, y)
            close(y, 2 * x + 1)


@omp(mode="native")
def _sum(x):
    s = 1.0
    with omp("target teams distribute parallel for reduction(+: s)"):
        for i in range(len(x)):
            s += x[i]
    return s


@omp(mode="native")
def _extremes(x):
    low = 1000
    high = -1000
    with omp("target teams distribute parallel for reduction(min: low) reduction(max: high)"):
        for i in range(len(x)):
            low = min(low, x[i])
            high = max(high, x[i])
    return low, high


@program
def reduction():
    for n in (0, 1, 1000, 100003):
        assert _sum(np.ones(n)) == n + 1.0
    x = (np.arange(5000) * 7919) % 1013 - 500
    assert _extremes(x) == (x.min(), x.max())


@omp(mode="native")
def _serial(x):
    s = 0.0
    k = 5
    with omp("target map(tofrom: s)"):
        for i in range(len(x)):
            s += x[i]
        x[0] = k
        k = 7
    return s, k


@program
def serial_region():
    x = np.arange(10.0)
    assert _serial(x) == (45.0, 5)
    assert x[0] == 5.0


@omp(mode="native")
def _inside(a, out):
    with omp("target map(tofrom: a, out)"):
        out[0] = len(a)
        with omp("parallel for"):
            for i in range(len(a)):
                a[i] += 1.0
        total = 0.0
        for i in range(len(a)):
            total += a[i]
        out[1] = total
        with omp("parallel for"):
            for i in range(len(a)):
                a[i] *= 2.0


@program
def serial_code_between_teams():
    a, out = np.arange(100.0), np.zeros(2)
    _inside(a, out)
    close(a, 2 * (np.arange(100.0) + 1))
    close(out, [100.0, np.arange(1, 101).sum()])


@omp(mode="native")
def _team(counts):
    with omp("target map(tofrom: counts)"):
        with omp("parallel num_threads(4)"):
            with omp("single"):
                counts[0] += 1
            with omp("critical"):
                counts[1] += 1
            with omp("atomic"):
                counts[2] += 1
            with omp("masked"):
                counts[3] += 1
            omp("barrier")
            with omp("for"):
                for _ in range(100):
                    with omp("atomic"):
                        counts[4] += 1


@program
def synchronisation():
    counts = np.zeros(5, dtype=np.int64)
    _team(counts)
    assert counts[0] == counts[3] == 1
    assert counts[1] == counts[2] >= 1
    assert counts[4] == 100


@omp(mode="native")
def _histogram(values, bins):
    with omp("target teams distribute parallel for map(to: values) map(tofrom: bins)"):
        for i in range(len(values)):
            k = values[i]
            with omp("atomic"):
                bins[k] += 1


@program
def histogram():
    values = (np.arange(20000) * 7919) % 64
    bins = np.zeros(64, dtype=np.int64)
    _histogram(values, bins)
    assert (bins == np.bincount(values, minlength=64)).all()


@omp(mode="native")
def _matmul(a, b, c):
    with omp("target teams distribute parallel for collapse(2) map(to: a, b) map(from: c)"):
        for i in range(a.shape[0]):
            for j in range(b.shape[1]):
                s = 0.0
                for k in range(a.shape[1]):
                    s += a[i, k] * b[k, j]
                c[i, j] = s


@program
def matrix_product():
    a, b = np.arange(60.0).reshape(6, 10), np.arange(70.0).reshape(10, 7)
    c = np.empty((6, 7))
    _matmul(a, b, c)
    close(c, a @ b)
    f = np.asfortranarray(b)
    _matmul(a[:, ::-1], f[::-1], c)
    close(c, a @ b)


@omp(mode="native")
def _mandelbrot(image, limit):
    rows, columns = image.shape
    with omp("target teams distribute parallel for simd collapse(2) map(from: image)"):
        for i in range(rows):
            for j in range(columns):
                x = -2.0 + 3.0 * j / columns
                y = -1.0 + 2.0 * i / rows
                c = complex(x, y)
                z = complex(0.0, 0.0)
                n = 0
                while n < limit and z.real * z.real + z.imag * z.imag <= 4.0:
                    z = z * z + c
                    n += 1
                image[i, j] = n


@program
def mandelbrot():
    image = np.zeros((16, 24), dtype=np.int64)
    _mandelbrot(image, 50)
    expected = np.zeros_like(image)
    for i in range(16):
        for j in range(24):
            c, z, n = complex(-2.0 + 3.0 * j / 24, -1.0 + 2.0 * i / 16), 0j, 0
            while n < 50 and z.real * z.real + z.imag * z.imag <= 4.0:
                z, n = z * z + c, n + 1
            expected[i, j] = n
    # A device may contract a product and a sum into one rounding.
    assert (image != expected).sum() <= 4


@omp
def squared(x: float) -> float:
    return x * x


@omp(mode="native")
def _calls(x, y):
    with omp("target teams distribute parallel for map(to: x) map(from: y)"):
        for i in range(len(x)):
            y[i] = squared(math.sin(x[i])) + squared(math.cos(x[i])) + math.sqrt(x[i]) + x[i] ** 2


@program
def calls():
    x, y = np.linspace(0.0, 3.0, 1000), np.empty(1000)
    _calls(x, y)
    close(y, 1.0 + np.sqrt(x) + x**2, 1e-9)


@omp(mode="native")
def _private(x, out):
    t = 3.0
    with omp("target teams distribute parallel for firstprivate(t) private(i)"):
        for i in range(len(x)):
            t = t * 0.0 + x[i]
            out[i] = t
    return t


@program
def private_variables():
    x, out = np.arange(300.0), np.zeros(300)
    assert _private(x, out) == 3.0
    close(out, x)


@omp(mode="native")
def _last(n):
    k = -1
    with omp("target teams distribute parallel for lastprivate(k)"):
        for i in range(n):
            k = 2 * i
    return k


@program
def lastprivate():
    assert _last(1000) == 1998


# --- Data ---


@omp(mode="native")
def _heat(u, steps):
    n, m = u.shape
    v = np.zeros((n, m))
    with omp("target_data map(tofrom: u) map(to: v)"):
        for _ in range(steps):
            with omp("target teams distribute parallel for collapse(2)"):
                for i in range(1, n - 1):
                    for j in range(1, m - 1):
                        v[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])
            with omp("target teams distribute parallel for collapse(2)"):
                for i in range(1, n - 1):
                    for j in range(1, m - 1):
                        u[i, j] = v[i, j]


@program
def heat():
    u = np.zeros((20, 30))
    u[0] = 100.0
    expected = u.copy()
    for _ in range(10):
        inner = 0.25 * (expected[:-2, 1:-1] + expected[2:, 1:-1] + expected[1:-1, :-2] + expected[1:-1, 2:])
        expected[1:-1, 1:-1] = inner
    _heat(u, 10)
    close(u, expected)


@omp(mode="native")
def _unstructured(x):
    omp("target_enter_data map(to: x)")
    with omp("target"):
        x[1] = -7.0
    before = x[1]
    omp("target_update from(x[1:2])")
    after = x[1]
    x[2] = 4.0
    omp("target_update to(x[2:3])")
    with omp("target"):
        x[3] = x[2] + x[1]
    omp("target_exit_data map(from: x)")
    return before, after


@program
def unstructured_data():
    x = np.zeros(5)
    before, after = _unstructured(x)
    # Where the device has memory of its own, the host sees nothing before the update.
    assert before == (0.0 if SEPARATE else -7.0)
    assert after == -7.0
    assert x.tolist() == [0.0, -7.0, 4.0, -3.0, 0.0]


@omp(mode="native")
def _parts(x, y, n):
    with omp("target map(to: x[n:2 * n]) map(from: y[1:6:2])"):
        for i in range(n):
            y[2 * i + 1] = x[n + i]


@program
def parts_of_arrays():
    x, y = np.arange(8.0), np.full(8, -1.0)
    _parts(x, y, 3)
    assert y.tolist() == [-1, 3, -1, 4, -1, 5, -1, -1]


@omp(mode="native")
def _released(x):
    omp("target_enter_data map(to: x)")
    omp("target_enter_data map(to: x)")
    with omp("target"):
        x[0] += 1.0
    omp("target_exit_data map(from: x)")
    first = x[0]
    omp("target_exit_data map(from: x)")
    return first


@program
def reference_counts():
    x = np.zeros(2)
    first = _released(x)
    assert first == (0.0 if SEPARATE else 1.0)
    assert x[0] == 1.0


@omp(mode="native")
def _chained(x):
    with omp("target nowait depend(out: x)"):
        for i in range(len(x)):
            x[i] = 1.0
    with omp("target teams distribute parallel for nowait depend(inout: x)"):
        for i in range(len(x)):
            x[i] = x[i] * 5.0
    with omp("target nowait depend(inout: x)"):
        x[0] += 1.0
    omp("taskwait")


@program
def asynchronous_regions():
    for _ in range(10):
        x = np.zeros(200)
        _chained(x)
        assert x[0] == 6.0 and (x[1:] == 5.0).all()


@omp(mode="native")
def _where(flags, on_device):
    with omp("target if(on_device) map(from: flags)"):
        flags[0] = omp_is_initial_device()


@program
def the_condition_chooses_the_device():
    flags = np.zeros(1, dtype=np.int64)
    _where(flags, False)
    assert flags[0] == 1
    _where(flags, True)
    assert flags[0] == (0 if not ON_HOST else 1)


@omp(mode="native")
def _addresses(x):
    with omp("target_data map(tofrom: x) use_device_addr(x)"):
        with omp("target has_device_addr(x)"):
            x[0] = 5.0
    return x[0]


@program
def device_addresses():
    assert _addresses(np.zeros(4)) == 5.0


@omp(mode="native")
def _copies(x):
    with omp("target firstprivate(x)"):
        x[0] = 9.0
    with omp("target defaultmap(firstprivate: aggregate)"):
        x[1] = 9.0


@program
def firstprivate_arrays():
    x = np.ones(2)
    _copies(x)
    assert x.tolist() == [1.0, 1.0]


# --- Errors ---


@omp(mode="native")
def _beyond(x, n):
    with omp("target teams distribute parallel for"):
        for i in range(n):
            x[i] = 1.0


@program
def index_out_of_bounds():
    try:
        _beyond(np.zeros(10), 11)
    except IndexError as error:
        assert "index 10 is out of bounds for axis 0 with size 10" in str(error)
    else:
        raise AssertionError("no IndexError")
    x = np.zeros(10)
    _beyond(x, 10)
    assert (x == 1.0).all()


@omp(mode="native")
def _divide(x, by):
    with omp("target"):
        x[0] = 10 // by


@program
def division_by_zero():
    x = np.zeros(1, dtype=np.int64)
    try:
        _divide(x, 0)
    except ZeroDivisionError:
        pass
    else:
        raise AssertionError("no ZeroDivisionError")
    _divide(x, 3)
    assert x[0] == 3


@omp(mode="native")
def _present(x):
    with omp("target map(present, tofrom: x)"):
        x[0] = 1.0


@program
def what_is_not_present():
    if not SEPARATE:
        return
    try:
        _present(np.zeros(3))
    except OmplyDeviceError as error:
        assert "x" in str(error)
    else:
        raise AssertionError("no OmplyDeviceError")


@omp(mode="native")
def _numbered(x, device):
    with omp("target device(device)"):
        x[0] = 1.0


@program
def device_numbers():
    x = np.zeros(1)
    _numbered(x, omp_get_initial_device())
    assert x[0] == 1.0
    if ON_HOST:
        return
    try:
        _numbered(x, 99)
    except OmplyDeviceError as error:
        assert "99" in str(error)
    else:
        raise AssertionError("no OmplyDeviceError")


def example(path):
    """Runs a program of examples/, which checks itself, without what it says."""
    argv, sys.argv = sys.argv, [str(path)]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            runpy.run_path(str(path), run_name="__main__")
    finally:
        sys.argv = argv


def examples():
    folder = Path(__file__).resolve().parent.parent.parent / "examples" / "devices"
    return {f"example_{path.stem}": path for path in sorted(folder.glob("*.py"))}


def main(names, more):
    failed = []
    programs = {function.__name__: function for function in PROGRAMS}
    programs |= {name: lambda path=path: example(path) for name, path in more.items()}
    for name, function in programs.items():
        if names and name not in names:
            continue
        try:
            function()
        except Exception:
            failed.append(name)
            print(f"FAILED {name}")
            traceback.print_exc(file=sys.stdout)
        else:
            print(f"passed {name}")
        sys.stdout.flush()
    return failed


SEPARATE = not ON_HOST


def run(arguments, more):
    if ON_HOST:
        omp_set_default_device(omp_get_initial_device())
    elif omp_get_num_devices() == 0:
        print(f"no device of {os.environ.get('OMPLY_DEVICES', 'cuda, hip')} takes part")
        sys.exit(2)
    found = main([name for name in arguments if not name.startswith("-")], more)
    place = (
        "the host"
        if ON_HOST
        else f"device 0 of {omp_get_num_devices()} ({os.environ.get('OMPLY_DEVICES', 'cuda, hip')})"
    )
    print(f"ran on {place}: {'all passed' if not found else f'{len(found)} failed'}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    run(sys.argv[1:], examples())
