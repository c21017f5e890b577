"""Programs that share devices' memory with other libraries, each on one kind of device. A plain script, as `programs.py`, with the
same arguments and the same output. The other libraries are classes here that speak the protocols of CuPy's and PyTorch's arrays."""

import ctypes
import gc
import sys

import numpy as np
from omply import (
    OmplyDeviceError,
    OmplyTypeError,
    device_array,
    omp,
    omp_get_default_device,
    omp_get_initial_device,
    omp_get_interop_int,
    omp_get_interop_ptr,
    omp_get_interop_str,
    omp_ifr_hip,  # noqa: F401 - a clause names it
    omp_initial_device,
    omp_interop_none,
    omp_ipr_device_context,
    omp_ipr_device_num,
    omp_ipr_fr_id,
    omp_ipr_fr_name,
    omp_ipr_targetsync,
    omp_ipr_vendor_name,
    omp_irc_empty,
    omp_irc_no_value,
    omp_irc_other,
    omp_irc_success,
    omp_irc_type_str,
    omp_target_alloc,
    omp_target_free,
    omp_target_memcpy,
    to_device,
)
from omply._core import devices

from programs import ON_HOST, PROGRAMS, program, run

PROGRAMS.clear()
DTYPES = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]


def refused(function, *arguments, error=OmplyTypeError, text=""):
    try:
        function(*arguments)
    except error as found:
        assert text in str(found), found
    else:
        raise AssertionError(f"no {error.__name__}")


def on_device():
    return omp_initial_device if ON_HOST else omp_get_default_device()


# --- Device arrays ---


@program
def arrays_come_and_go():
    for dtype in DTYPES:
        for shape in ((), (0,), (5,), (3, 4), (2, 3, 4)):
            data = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
            with to_device(data) as array:
                assert array.shape == data.shape and array.dtype == data.dtype
                assert (array.ndim, array.size, array.nbytes) == (data.ndim, data.size, data.nbytes)
                back = array.copy_to_host()
                assert back.dtype == data.dtype and back.shape == data.shape and (back == data).all()
    array = device_array(6, "f4")
    assert array.shape == (6,) and len(array) == 6 and array.device == omp_get_default_device()
    array.copy_to_device(range(6))
    out = np.zeros(6, "f4")
    assert array.copy_to_host(out) is out and out.tolist() == [0, 1, 2, 3, 4, 5]
    assert np.asarray(array).tolist() == out.tolist()
    refused(array.copy_to_device, np.zeros(5), error=ValueError, text="does not fit")
    refused(array.copy_to_host, np.zeros(6), error=ValueError, text="another shape or dtype")
    refused(array.__getitem__, 0, error=TypeError, text="copy_to_host()")
    refused(array.__setitem__, 0, 1, error=TypeError, text="in the memory of")
    array.free()
    refused(array.copy_to_host, error=ValueError, text="has been freed")
    refused(device_array, (2, -1), error=ValueError, text="-1 elements")
    refused(device_array, 2, "U5", error=TypeError, text="numbers and booleans")
    refused(device_array, 1 << 59, "f8", error=MemoryError)


@omp(mode="native")
def _saxpy(a, x, y):
    with omp("target teams distribute parallel for map(to: x)"):
        for i in range(len(x)):
            y[i] = a * x[i] + y[i]


@omp(mode="native")
def _steps(a, x, y, steps):
    n, m = x.shape[0], len(y)
    with omp("target_data map(tofrom: x) map(to: y[0:3])"):
        for _ in range(steps):
            _saxpy(a, x, y)
        with omp("target nowait depend(inout: x)"):
            x[0] = -1.0
        omp("taskwait")
    return n, m, x.ndim, x.nbytes


@omp(mode="native")
def _transposed(a, b):
    with omp("target teams distribute parallel for collapse(2)"):
        for i in range(a.shape[0]):
            for j in range(a.shape[1]):
                b[j, i] = a[i, j]


@omp(mode="native")
def _total(x):
    s = 0.0
    with omp("target teams distribute parallel for reduction(+: s)"):
        for i in range(len(x)):
            s += x[i]
    return s


@program
def regions_use_device_arrays():
    x, y = to_device(np.arange(1000.0)), to_device(np.ones(1000))
    _saxpy(2.0, x, y)
    assert (np.asarray(y) == 2 * np.arange(1000.0) + 1).all()
    host = np.ones(1000)
    _saxpy(2.0, x, host)
    assert (host == np.asarray(y)).all(), "beside a mapped array"
    assert _steps(1.0, x, y, 3) == (1000, 1000, 1, 8000)
    assert (np.asarray(y) == 5 * np.arange(1000.0) + 1).all()
    assert np.asarray(x)[:3].tolist() == [-1, 1, 2]
    assert _total(x) == 1000 * 999 / 2 - 1
    a, b = to_device(np.arange(12.0).reshape(3, 4)), device_array((4, 3))
    _transposed(a, b)
    assert (np.asarray(b) == np.arange(12.0).reshape(3, 4).T).all()


@omp(mode="native")
def _read(x):
    return x[0]


@omp(mode="native")
def _returned(x):
    return x


@omp(mode="native")
def _elsewhere(x, here):
    with omp("target if(here)"):
        x[0] = 1.0


@omp(mode="native")
def _own(x):
    with omp("target firstprivate(x)"):
        x[0] = 1.0


@omp(mode="native")
def _updated(x):
    omp("target_update to(x)")


@program
def other_uses_are_errors():
    x = to_device(np.zeros(3))
    place = "the host's regions" if ON_HOST else "device 0"
    for function in (_read, _returned):
        refused(function, x, text="is used outside of a `target` region")
        refused(function, x, text=place)
    refused(_own, x, text="a region cannot have a copy of its own")
    refused(_updated, x, text="there is nothing on the host to copy to or from")
    _elsewhere(x, True)
    assert np.asarray(x).tolist() == [1, 0, 0]
    if not ON_HOST:
        refused(_elsewhere, x, False, error=OmplyDeviceError, text="`x` is in the memory of device 0")
        refused(_elsewhere, x, False, error=OmplyDeviceError, text="the region runs on the host")
        here = to_device(np.zeros(3), device=omp_get_initial_device())
        refused(_elsewhere, here, True, error=OmplyDeviceError, text="`x` is in the memory of the host")
        _elsewhere(here, False)
        assert np.asarray(here)[0] == 1
        refused(device_array, 3, "f8", 77, error=OmplyDeviceError, text="no device 77")
    x.free()
    refused(_elsewhere, x, True, error=ValueError, text="has been freed")


# --- DLPack ---


class Tensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("kind", ctypes.c_int32),
        ("id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    ]


DELETER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class Plain(ctypes.Structure):
    _fields_ = [("tensor", Tensor), ("context", ctypes.c_void_p), ("deleter", DELETER)]


class Versioned(ctypes.Structure):
    _fields_ = [
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", DELETER),
        ("flags", ctypes.c_uint64),
        ("tensor", Tensor),
    ]


new_capsule = ctypes.pythonapi.PyCapsule_New
new_capsule.restype = ctypes.py_object
new_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
pointer_in = ctypes.pythonapi.PyCapsule_GetPointer
pointer_in.restype = ctypes.c_void_p
pointer_in.argtypes = [ctypes.py_object, ctypes.c_char_p]


class Library:
    """An array of doubles of a library that speaks DLPack, over memory that is not Omply's to free."""

    def __init__(
        self, address, place, shape, strides=None, *, versioned=True, read_only=False, code=2, offset=0
    ):
        self.place, self.versioned, self.deleted = place, versioned, 0
        self.shape = (ctypes.c_int64 * len(shape))(*shape)
        self.strides = (ctypes.c_int64 * len(shape))(*strides) if strides else None
        tensor = Tensor(address, *place, len(shape), code, 64, 1, self.shape, self.strides, offset)
        self.deleter = DELETER(self.delete)
        if versioned:
            self.managed = Versioned(1, 0, None, self.deleter, int(read_only), tensor)
        else:
            self.managed = Plain(tensor, None, self.deleter)

    def delete(self, managed):
        assert managed == ctypes.addressof(self.managed)
        self.deleted += 1

    def __dlpack_device__(self):
        return self.place

    def __dlpack__(self, **arguments):
        if not self.versioned and "max_version" in arguments:
            raise TypeError("an unexpected keyword argument")
        name = b"dltensor_versioned" if self.versioned else b"dltensor"
        return new_capsule(ctypes.addressof(self.managed), name, None)


def upload(data):
    block = omp_target_alloc(data.nbytes, on_device())
    assert omp_target_memcpy(block, data, data.nbytes, 0, 0, on_device(), omp_initial_device) == 0
    return block


def download(block, like):
    out = np.zeros_like(like)
    assert omp_target_memcpy(out, block, out.nbytes, 0, 0, omp_initial_device, on_device()) == 0
    return out


@program
def tensors_on_a_device():
    data = np.arange(24.0).reshape(4, 6)
    block = upload(data)
    place = device_array(1).__dlpack_device__()
    for versioned in (True, False):
        x = Library(block, place, (12,), versioned=versioned)
        y = Library(block, place, (12,), versioned=versioned, offset=96)
        before = download(block, data).reshape(-1)
        _saxpy(1.0, x, y)
        after = download(block, data).reshape(-1)
        assert (after[12:] == before[:12] + before[12:]).all() and (after[:12] == before[:12]).all()
        gc.collect()
        assert x.deleted == y.deleted == 1, "given back after the call"
    omp_target_memcpy(block, data, data.nbytes, 0, 0, on_device(), omp_initial_device)
    turned = Library(block, place, (6, 4), (1, 6))
    out = device_array((4, 6))
    _transposed(turned, out)
    assert (np.asarray(out) == data).all()
    omp_target_free(block, on_device())


@program
def tensors_that_cannot_be_used():
    refused(_total, Library(64, (2, 5), (3,)), text="argument `x` cannot be used")
    refused(_total, Library(64, (2, 5), (3,)), text="type 2, number 5")
    place = device_array(1).__dlpack_device__()
    bad = Library(64, place, (3,), code=4)
    refused(_total, bad, text="a type that regions do not know (code 4, 64 bits)")
    assert bad.deleted == 1
    data = np.zeros(3)
    block = upload(data)
    refused(_elsewhere, Library(block, place, (3,), read_only=True), True, text="read-only")
    omp_target_free(block, on_device())


@program
def tensors_on_the_host():
    data = np.arange(6.0)
    for versioned in (True, False):
        tensor = Library(data.ctypes.data, (1, 0), (3,), (2,), versioned=versioned)
        assert _total(tensor) == 6.0
        refused(_read, Library(data.ctypes.data, (1, 0), (3,), code=9), text="cannot be used")
        returned = _returned(tensor)
        data[2] = 5.0
        assert returned.tolist() == [0, 5, 4], "the same memory"
        _doubled(tensor)
        assert data.tolist() == [0, 1, 10, 3, 8, 5]
        data[:] = np.arange(6.0)
        del returned
        gc.collect()
        assert tensor.deleted == 3
    refused(_doubled, Library(data.ctypes.data, (1, 0), (6,), read_only=True), text="read-only")


@omp(mode="native")
def _doubled(x):
    with omp("parallel for"):
        for i in range(len(x)):
            x[i] *= 2.0


@program
def device_arrays_are_tensors():
    array = to_device(np.arange(6.0).reshape(2, 3))
    for version in (None, (1, 0)):
        capsule = array.__dlpack__(max_version=version)
        name = b"dltensor_versioned" if version else b"dltensor"
        kind = Versioned if version else Plain
        tensor = ctypes.cast(pointer_in(capsule, name), ctypes.POINTER(kind)).contents.tensor
        assert tensor.data == array.address and (tensor.kind, tensor.id) == array.__dlpack_device__()
        assert (tensor.ndim, tensor.code, tensor.bits, tensor.lanes) == (2, 2, 64, 1)
        assert tensor.shape[:2] == [2, 3] and tensor.strides[:2] == [3, 1]
    address = array.address
    array.free()
    # The capsule that nobody took keeps the memory.
    assert tensor.data == address and download(address, np.zeros(6)).tolist() == [0, 1, 2, 3, 4, 5]
    other = to_device(np.zeros(2))
    refused(lambda: other.__dlpack__(copy=True), error=BufferError)
    refused(lambda: other.__dlpack__(dl_device=(99, 0)), error=BufferError)
    if ON_HOST:
        shared = np.from_dlpack(other)
        _elsewhere(other, True)
        assert shared.tolist() == [1, 0]
        assert not hasattr(other, "__cuda_array_interface__")


# --- CUDA's array interface ---


class Cuda:
    """An array of doubles of a library that speaks CUDA's interface alone."""

    def __init__(self, address, shape, **more):
        self.__cuda_array_interface__ = {
            "shape": shape,
            "typestr": "<f8",
            "data": (address, False),
            "version": 3,
            **more,
        }


@program
def arrays_of_cuda():
    data = np.arange(12.0)
    block = upload(data)
    x = Cuda(block, (6,), strides=None, stream=None)
    if ON_HOST:
        refused(_total, x, text="is on no device that takes part in this program")
    else:
        assert _total(x) == 15.0
        every_other = Cuda(block, (6,), strides=(16,))
        assert _total(every_other) == 30.0
        _elsewhere(x, True)
        assert download(block, data)[0] == 1.0
        refused(_elsewhere, Cuda(block, (6,), data=(block, True)), True, text="read-only")
    refused(_total, Cuda(block, (6,), mask=x), text="it is a masked array")
    refused(_total, Cuda(block, (6,), typestr=">f8"), text=">f8")
    refused(_total, Cuda(block, None), text="has no `shape`")
    omp_target_free(block, on_device())


# --- Interoperability objects ---


def objects(n):
    both = 0
    plain = 0
    omp('interop init(prefer_type("opencl", omp_ifr_hip, 1), target, targetsync: both) init(target: plain)')
    omp("interop use(both) nowait")
    return both, plain


def on_number(device):
    object = 5
    omp("interop init(target: object) device(device)")
    return object


def ended(object):
    done = object
    omp("interop destroy(done)")
    return done


def used(object):
    omp("interop use(object)")


@program
def foreign_runtimes_are_told():
    device = omp_get_default_device()
    plugin = "host" if ON_HOST else devices()[0][device]["plugin"]
    runtime = {"cuda": (1, "cuda"), "hip": (5, "hip"), "opencl": (3, "opencl")}.get(plugin)
    for mode in ("python", "native"):
        both, plain = omp(mode=mode)(objects)(0)
        if runtime is None:
            assert both == plain == omp_interop_none, "nobody else knows this device"
        else:
            assert omp_get_interop_int(both, omp_ipr_fr_id) == (runtime[0], omp_irc_success)
            assert omp_get_interop_str(both, omp_ipr_fr_name) == (runtime[1], omp_irc_success)
            assert omp_get_interop_int(both, omp_ipr_device_num) == (device, omp_irc_success)
            assert omp_get_interop_str(both, omp_ipr_vendor_name)[1] == omp_irc_success
            assert omp_get_interop_int(both, omp_ipr_vendor_name) == (0, omp_irc_type_str)
            queue, code = omp_get_interop_ptr(both, omp_ipr_targetsync)
            assert queue and code == omp_irc_success
            assert omp_get_interop_ptr(plain, omp_ipr_targetsync) == (0, omp_irc_no_value)
            context, code = omp_get_interop_ptr(both, omp_ipr_device_context)
            assert context and code == omp_irc_success
            assert omp_get_interop_ptr(plain, omp_ipr_device_context)[0] == context
            other = omp(mode=mode)(on_number)(device)
            assert other not in (both, plain) and omp(mode=mode)(ended)(other) == omp_interop_none
            refused(omp(mode=mode)(ended), other, error=ValueError, text="it has been destroyed")
            refused(omp(mode=mode)(used), other, error=ValueError, text="it has been destroyed")
            assert omp_get_interop_int(other, omp_ipr_fr_id) == (0, omp_irc_other)
            refused(omp(mode=mode)(on_number), 77, error=ValueError, text="there is no such device")
        assert omp(mode=mode)(on_number)(-1) == omp_interop_none, "the host"
        assert omp(mode=mode)(ended)(both) == omp(mode=mode)(ended)(plain) == 0


def with_object(n, object):
    return omp_get_interop_int(object, omp_ipr_device_num)


@omp("declare_variant(with_object) match(construct={dispatch}) append_args(interop(target))")
def without_object(n):
    return None


@omp(mode="python")
def _dispatched(device):
    with omp("dispatch device(device)"):
        found = without_object(1)
    return found


@program
def dispatch_makes_the_objects_that_it_appends():
    device = omp_get_default_device()
    known = not ON_HOST and devices()[0][device]["plugin"] != "host-separate"
    assert _dispatched(device) == ((device, omp_irc_success) if known else (0, omp_irc_empty))


if __name__ == "__main__":
    run(sys.argv[1:], {})
