"""Programs about the threads of a team on a device, each on one kind of device. A plain script, as `programs.py`, with the same
arguments and the same output."""

import sys

import numpy as np
from omply import omp, omp_get_num_threads, omp_get_thread_num

from programs import PROGRAMS, program, run

PROGRAMS.clear()


@omp(mode="native")
def _ordered(x, out):
    k = 0
    with omp("target map(tofrom: x, out) map(tofrom: k)"):
        with omp("parallel for ordered"):
            for i in range(len(x)):
                v = x[i] * 2
                with omp("ordered"):
                    out[k] = v
                    k += 1
    return k


@program
def an_ordered_loop_keeps_the_order():
    x = np.arange(100.0)
    out = np.zeros(100)
    assert _ordered(x, out) == 100
    assert (out == 2 * x).all()


@omp(mode="native")
def _doacross(x):
    with omp("target map(tofrom: x)"):
        with omp("parallel for ordered(1)"):
            for i in range(1, len(x)):
                omp("ordered doacross(sink: i-1)")
                x[i] += x[i - 1]
                omp("ordered doacross(source:)")


@program
def iterations_wait_for_earlier_ones():
    x = np.ones(50)
    _doacross(x)
    assert (x == np.arange(1, 51)).all()


@omp(mode="native")
def _cancel(x):
    with omp("target map(tofrom: x)"):
        with omp("parallel"):
            with omp("for"):
                for i in range(len(x)):
                    if i > 1000:
                        omp("cancel for")
                    x[i] += 1
                    omp("cancellation_point for")
            omp("cancel parallel if(x[0] > 5)")
            with omp("sections"):
                with omp("section"):
                    x[0] += 1
                    omp("cancel sections if(x[0] > 50)")
                with omp("section"):
                    x[1] += 1


@program
def nothing_is_cancelled_on_a_device_unless_cancellation_is_on():
    x = np.zeros(50)
    _cancel(x)
    assert x.sum() == 52, x


@omp(mode="native")
def _scan(x, y):
    s = 0.0
    with omp("target map(to: x) map(from: y) map(tofrom: s)"):
        with omp("parallel for reduction(inscan, +: s)"):
            for i in range(len(x)):
                s += x[i]
                omp("scan inclusive(s)")
                y[i] = s
    return s


@program
def prefix_sums():
    x = np.arange(1000.0)
    y = np.zeros(1000)
    s = _scan(x, y)
    assert (y == np.cumsum(x)).all(), (y[:5], s)


@omp(mode="native")
def _last(n):
    k = -1
    with omp("target map(tofrom: k)"):
        with omp("parallel for lastprivate(k)"):
            for i in range(n):
                k = i * 2
    return k


@program
def the_last_iteration_leaves_its_value():
    assert _last(77) == 152


@omp(mode="native")
def _last2(n):
    k = -1
    with omp("target teams distribute parallel for lastprivate(k) map(tofrom: k)"):
        for i in range(n):
            k = i * 2
    return k


@program
def the_last_iteration_of_all_teams_leaves_its_value():
    assert _last2(7777) == 2 * 7776


@omp(mode="native")
def _copyprivate(out):
    v = 0
    with omp("target map(tofrom: out)"):
        with omp("parallel private(v) num_threads(8)"):
            with omp("single copyprivate(v)"):
                v = 42
            out[omp_get_thread_num()] = v


@program
def one_thread_tells_the_others():
    o = np.zeros(2000)
    _copyprivate(o)
    assert (o[:8] == 42).all()


@omp(mode="native")
def _tasks(x):
    with omp("target map(tofrom: x)"):
        with omp("parallel"):
            with omp("single"):
                for i in range(len(x)):
                    with omp("task"):
                        x[i] += i
                omp("taskwait")
            with omp("masked"):
                with omp("taskloop"):
                    for i in range(len(x)):
                        x[i] += 1


@program
def tasks_run_where_they_are_generated():
    x = np.zeros(30)
    _tasks(x)
    assert (x == np.arange(30) + 1).all(), x


@omp(mode="native")
def _nt(out, n):
    with omp("target map(tofrom: out)"):
        with omp("parallel"):
            with omp("masked"):
                out[0] = omp_get_num_threads()
        with omp("parallel num_threads(n)"):
            with omp("atomic"):
                out[1] += 1
            with omp("masked"):
                out[2] = omp_get_num_threads()
            s = 0
            with omp("for"):
                for i in range(100):
                    s += i
                    with omp("atomic"):
                        out[3] += i
            omp("barrier")
            with omp("single"):
                out[4] += 1
            with omp("critical"):
                out[5] += 1


@program
def regions_have_the_threads_they_ask_for():
    out = np.zeros(6, dtype=np.int64)
    _nt(out, 3)
    threads = out[2]
    assert 1 <= threads <= 3
    assert out.tolist()[1:] == [threads, threads, 4950, 1, threads]


@omp(mode="native")
def _rows(a, y):
    with omp("target teams distribute map(to: a) map(from: y)"):
        for i in range(a.shape[0]):
            s = 0.0
            with omp("parallel for reduction(+: s)"):
                for j in range(a.shape[1]):
                    s += a[i, j]
            y[i] = s


@program
def threads_share_the_work_of_a_team():
    a = np.arange(5000.0).reshape(50, 100)
    y = np.zeros(50)
    _rows(a, y)
    assert np.allclose(y, a.sum(1))


@omp(mode="native")
def _fill(a):
    with omp("target map(tofrom: a)"):
        a[:] = 3.0
        with omp("parallel for"):
            for i in range(a.shape[0]):
                a[i, 0] += 1
        a[1, :] = 7.0


@program
def whole_arrays_are_filled():
    a = np.zeros((20, 30))
    _fill(a)
    e = np.full((20, 30), 3.0)
    e[:, 0] += 1
    e[1] = 7
    assert (a == e).all()


@omp(mode="native")
def _math(x, y):
    with omp("target teams distribute parallel for map(to: x) map(from: y)"):
        for i in range(len(x)):
            y[i] = x[i] ** 3 + x[i] ** 0.5 + x[i] ** -1 + x[i] ** -0.5 + x[i] ** 4 + x[i] ** -2


@program
def small_powers_are_exact_enough():
    x = np.linspace(1, 5, 100)
    y = np.zeros(100)
    _math(x, y)
    assert np.allclose(y, x**3 + x**0.5 + 1 / x + x**-0.5 + x**4 + x**-2, rtol=1e-14)


@omp(mode="native")
def _tiles(x, y):
    with omp("target teams distribute thread_limit(64) map(to: x) map(from: y)"):
        for block in range(0, len(x), 32):
            tile = np.zeros(32)
            with omp("parallel"):
                with omp("for"):
                    for i in range(32):
                        tile[i] += x[block + i]
                with omp("for"):
                    for i in range(32):
                        y[block + i] = tile[31 - i]


@program
def a_tile_is_shared_by_a_team():
    x, y = np.arange(320.0), np.zeros(320)
    _tiles(x, y)
    assert (y == x.reshape(-1, 32)[:, ::-1].reshape(-1)).all()


@omp(mode="native")
def _generations(x, steps):
    with omp("target map(tofrom: x)"):
        now = np.zeros(16)
        with omp("parallel for"):
            for i in range(16):
                now[i] = x[i]
        for _ in range(steps):
            later = np.empty(16)
            with omp("parallel for"):
                for i in range(16):
                    later[i] = now[i] + now[(i + 1) % 16]
            now = later
        with omp("parallel for"):
            for i in range(16):
                x[i] = now[i]


@program
def an_array_that_goes_on_under_another_name_keeps_its_memory():
    x = np.arange(16.0)
    expected = x.copy()
    for _ in range(3):
        expected = expected + np.roll(expected, -1)
    _generations(x, 3)
    assert (x == expected).all()


@omp(mode="native")
def _declared(x):
    omp(
        "declare_reduction(far: float: omp_out if abs(omp_out) > abs(omp_in) else omp_in) initializer(omp_priv = 0.0)"
    )
    s = 0.0
    with omp("target map(tofrom: s)"):
        with omp("parallel for reduction(far: s)"):
            for i in range(len(x)):
                s = s if abs(s) > abs(x[i]) else x[i]
    return s


@program
def a_declared_operator_combines():
    x = np.linspace(-3, 2, 1000)
    assert _declared(x) == -3


@omp(mode="native")
def _taskred(x):
    s = 0.0
    with omp("target map(tofrom: s)"):
        with omp("parallel"):
            with omp("masked"):
                with omp("taskgroup task_reduction(+: s)"):
                    for i in range(len(x)):
                        with omp("task in_reduction(+: s)"):
                            s += x[i]
    return s


@program
def tasks_take_part_in_a_reduction():
    r = _taskred(np.arange(10.0))
    assert r == 45, r


@omp(mode="native")
def _taskloop(x):
    s = 0.0
    with omp("target map(tofrom: s)"):
        with omp("parallel masked taskloop reduction(+: s)"):
            for i in range(len(x)):
                s += x[i]
    return s


@program
def a_taskloop_reduces():
    r = _taskloop(np.arange(10.0))
    assert r == 45, r


@omp(mode="native")
def _cond(x):
    k = -1
    with omp("target map(tofrom: k)"):
        with omp("parallel for lastprivate(conditional: k)"):
            for i in range(len(x)):
                if x[i] > 0.5:
                    k = i
    return k


@program
def the_last_assignment_stays():
    x = np.zeros(500)
    x[77] = 1
    x[300] = 1
    assert _cond(x) == 300


@omp(mode="native")
def _simd(a, y):
    with omp("target map(to: a) map(from: y)"):
        with omp("parallel for"):
            for i in range(a.shape[0]):
                s = 0.0
                with omp("simd reduction(+: s)"):
                    for j in range(a.shape[1]):
                        s += a[i, j]
                y[i] = s


@program
def a_thread_reduces_for_itself():
    a = np.arange(500.0).reshape(10, 50)
    y = np.zeros(10)
    _simd(a, y)
    assert (y == a.sum(1)).all(), y


if __name__ == "__main__":
    run(sys.argv[1:], {})
