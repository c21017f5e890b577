"""The other side of the comparison: kernels.cu through the driver's own interface, by ctypes. `Cuda` where there is an NVIDIA GPU,
`OpenCl` to try the machinery without one. Both run in the process that measures, on memory of their own."""

import ctypes
import os
import shutil
import subprocess
from ctypes import byref, c_char_p, c_double, c_int, c_int64, c_size_t, c_uint, c_uint64, c_ulong, c_void_p
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent


class NoDriver(Exception):
    """There is no device, or nothing to compile for it with."""


def launcher(folder):
    """The loops of launch.c, or None where there is no C compiler."""
    compiler = next(filter(shutil.which, ("cc", "gcc", "clang")), None)
    if compiler is None:
        return None
    library = folder / "launch.so"
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", HERE / "launch.c", "-o", library], check=True)
    loops = ctypes.CDLL(str(library))
    loops.cuda_launches.restype = loops.opencl_launches.restype = c_double
    return loops


class Cuda:
    """CUDA's driver interface."""

    def __init__(self, folder):
        try:
            self.driver = ctypes.CDLL("libcuda.so.1")
        except OSError as why:
            raise NoDriver(why) from None
        self.folder = folder
        self.call("cuInit", 0)
        device = c_int()
        self.call("cuDeviceGet", byref(device), 0)
        name = ctypes.create_string_buffer(256)
        self.call("cuDeviceGetName", name, 256, device)
        self.name = name.value.decode()
        major, minor = c_int(), c_int()
        self.call("cuDeviceGetAttribute", byref(major), 75, device)
        self.call("cuDeviceGetAttribute", byref(minor), 76, device)
        self.arch = major.value * 10 + minor.value
        units = c_int()
        self.call("cuDeviceGetAttribute", byref(units), 16, device)
        self.units = units.value
        context = c_void_p()
        self.call("cuDevicePrimaryCtxRetain", byref(context), device)
        self.call("cuCtxSetCurrent", context)
        self.stream = c_void_p()
        self.call("cuStreamCreate", byref(self.stream), 1)
        self.events = [c_void_p(), c_void_p()]
        for event in self.events:
            self.call("cuEventCreate", byref(event), 0)
        code = self.compiled()
        self.module = c_void_p()
        self.call("cuModuleLoadData", byref(self.module), code)
        self.functions = {}

    def call(self, name, *arguments):
        status = getattr(self.driver, name)(*arguments)
        if status != 0:
            raise NoDriver(f"{name}: error {status}")

    def compiled(self):
        """The kernels as a cubin or PTX: by nvcc, else by NVRTC."""
        source = HERE / "kernels.cu"
        nvcc = shutil.which("nvcc") or next(
            (
                str(path)
                for path in [Path(os.environ.get("CUDA_HOME", "/usr/local/cuda")) / "bin/nvcc"]
                if path.exists()
            ),
            None,
        )
        if nvcc:
            cubin = self.folder / "kernels.cubin"
            subprocess.run([nvcc, "-O3", f"-arch=sm_{self.arch}", "-cubin", source, "-o", cubin], check=True)
            version = subprocess.run([nvcc, "--version"], capture_output=True, text=True).stdout
            self.compiler = f"nvcc, {version.strip().splitlines()[-1]}"
            return cubin.read_bytes()
        for library in ("libnvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12", *self.packaged()):
            try:
                nvrtc = ctypes.CDLL(library)
            except OSError:
                continue
            self.compiler = f"NVRTC ({library})"
            return self.by_nvrtc(nvrtc, source.read_bytes())
        raise NoDriver(
            "neither nvcc nor NVRTC is here to compile kernels.cu (NVRTC: pip install nvidia-cuda-nvrtc-cu12)"
        )

    @staticmethod
    def packaged():
        """NVRTC out of packages for Python."""
        try:
            import nvidia
        except ImportError:
            return []
        return [
            str(path)
            for folder in nvidia.__path__
            for path in sorted(Path(folder).glob("*/lib/libnvrtc.so.*"))
        ]

    def by_nvrtc(self, nvrtc, source):
        def call(name, *arguments):
            status = getattr(nvrtc, name)(*arguments)
            if status != 0:
                raise NoDriver(f"{name}: error {status}: {self.log(nvrtc, program)}")

        program = c_void_p()
        call("nvrtcCreateProgram", byref(program), c_char_p(source), b"kernels.cu", 0, None, None)
        options = (c_char_p * 1)(f"--gpu-architecture=compute_{self.arch}".encode())
        call("nvrtcCompileProgram", program, 1, options)
        size = c_size_t()
        call("nvrtcGetPTXSize", program, byref(size))
        ptx = ctypes.create_string_buffer(size.value)
        call("nvrtcGetPTX", program, ptx)
        return ptx.raw

    @staticmethod
    def log(nvrtc, program):
        size = c_size_t()
        nvrtc.nvrtcGetProgramLogSize(program, byref(size))
        log = ctypes.create_string_buffer(max(size.value, 1))
        nvrtc.nvrtcGetProgramLog(program, log)
        return log.value.decode(errors="replace")

    def allocate(self, bytes_):
        address = c_uint64()
        self.call("cuMemAlloc_v2", byref(address), c_size_t(bytes_))
        return address

    def free(self, address):
        self.call("cuMemFree_v2", address)

    def upload(self, address, array):
        self.call("cuMemcpyHtoD_v2", address, c_void_p(array.ctypes.data), c_size_t(array.nbytes))

    def download(self, array, address):
        self.call("cuMemcpyDtoH_v2", c_void_p(array.ctypes.data), address, c_size_t(array.nbytes))

    def prepared(self, name, arguments):
        """A kernel and its parameters."""
        if name not in self.functions:
            function = c_void_p()
            self.call("cuModuleGetFunction", byref(function), self.module, name.encode())
            self.functions[name] = function
        values = list(arguments)
        parameters = (c_void_p * len(values))(*(ctypes.cast(byref(value), c_void_p) for value in values))
        return self.functions[name], parameters, values

    def timed(self, work):
        """Microseconds on the device."""
        self.call("cuEventRecord", self.events[0], self.stream)
        work()
        self.call("cuEventRecord", self.events[1], self.stream)
        self.call("cuStreamSynchronize", self.stream)
        elapsed = ctypes.c_float()
        self.call("cuEventElapsedTime", byref(elapsed), *self.events)
        return elapsed.value * 1e3

    def run(self, name, grid, block, arguments):
        function, parameters, _values = self.prepared(name, arguments)
        sizes = [c_uint(size) for size in (*grid, 1, *block, 1)]
        return self.timed(
            lambda: self.call("cuLaunchKernel", function, *sizes, c_uint(0), self.stream, parameters, None)
        )

    def copy(self, to, source, bytes_):
        return self.timed(
            lambda: self.call("cuMemcpyDtoDAsync_v2", to, source, c_size_t(bytes_), self.stream)
        )

    def empty_launch(self, address, count):
        loops = launcher(self.folder)
        if loops is None:
            return None
        function, parameters, _values = self.prepared("nothing", [address])
        driver = self.driver
        return loops.cuda_launches(
            driver.cuLaunchKernel, driver.cuStreamSynchronize, function, self.stream, parameters, c_int(count)
        )


class OpenCl:
    """OpenCL with shared virtual memory."""

    def __init__(self, folder):
        self.folder = folder
        path = os.environ.get("OMPLY_OPENCL_LIBRARY", "libOpenCL.so.1")
        try:
            self.driver = ctypes.CDLL(path)
        except OSError as why:
            raise NoDriver(why) from None
        driver = self.driver
        for name in (
            "clCreateContext",
            "clCreateCommandQueueWithProperties",
            "clCreateProgramWithSource",
            "clCreateKernel",
            "clSVMAlloc",
        ):
            getattr(driver, name).restype = c_void_p
        platform, self.device = c_void_p(), c_void_p()
        self.call("clGetPlatformIDs", 1, byref(platform), None)
        self.call("clGetDeviceIDs", platform, c_uint64(0xFFFFFFFF), 1, byref(self.device), None)
        name = ctypes.create_string_buffer(256)
        self.call("clGetDeviceInfo", self.device, 0x102B, c_size_t(256), name, None)
        self.name = name.value.decode()
        units = c_uint()
        self.call("clGetDeviceInfo", self.device, 0x1002, c_size_t(4), byref(units), None)
        self.units = units.value
        status = c_int()
        self.context = c_void_p(
            driver.clCreateContext(None, 1, byref(self.device), None, None, byref(status))
        )
        properties = (c_uint64 * 3)(0x1093, 2, 0)
        self.queue = c_void_p(
            driver.clCreateCommandQueueWithProperties(self.context, self.device, properties, byref(status))
        )
        source = (HERE / "kernels.cu").read_bytes()
        self.program = c_void_p(
            driver.clCreateProgramWithSource(
                self.context, 1, (c_char_p * 1)(source), (c_size_t * 1)(len(source)), byref(status)
            )
        )
        built = driver.clBuildProgram(self.program, 1, byref(self.device), b"", None, None)
        if built != 0:
            log = ctypes.create_string_buffer(1 << 16)
            driver.clGetProgramBuildInfo(self.program, self.device, 0x1183, c_size_t(len(log)), log, None)
            raise NoDriver(f"kernels.cu: {log.value.decode(errors='replace')}")
        self.compiler = "the driver's compiler for OpenCL C"
        self.kernels = {}

    def call(self, name, *arguments):
        status = getattr(self.driver, name)(*arguments)
        if status != 0:
            raise NoDriver(f"{name}: error {status}")

    def allocate(self, bytes_):
        return c_void_p(self.driver.clSVMAlloc(self.context, c_ulong(1), c_size_t(bytes_), 64))

    def free(self, address):
        self.driver.clSVMFree(self.context, address)

    def upload(self, address, array):
        self.move(address, c_void_p(array.ctypes.data), array.nbytes)

    def download(self, array, address):
        self.move(c_void_p(array.ctypes.data), address, array.nbytes)

    def move(self, to, source, bytes_):
        self.call("clEnqueueSVMMemcpy", self.queue, 1, to, source, c_size_t(bytes_), 0, None, None)

    def prepared(self, name, arguments):
        if name not in self.kernels:
            status = c_int()
            self.kernels[name] = c_void_p(
                self.driver.clCreateKernel(self.program, name.encode(), byref(status))
            )
        kernel = self.kernels[name]
        for index, value in enumerate(arguments):
            if isinstance(value, c_void_p):
                self.call("clSetKernelArgSVMPointer", kernel, index, value)
            else:
                self.call("clSetKernelArg", kernel, index, c_size_t(ctypes.sizeof(value)), byref(value))
        return kernel

    def timed(self, work):
        event = c_void_p()
        work(event)
        self.call("clFinish", self.queue)
        times = [c_uint64(), c_uint64()]
        for time, what in zip(times, (0x1282, 0x1283), strict=True):
            self.call("clGetEventProfilingInfo", event, what, c_size_t(8), byref(time), None)
        self.call("clReleaseEvent", event)
        return (times[1].value - times[0].value) * 1e-3

    def run(self, name, grid, block, arguments):
        kernel = self.prepared(name, arguments)
        dimensions = 2 if grid[1] * block[1] > 1 else 1
        local = (c_size_t * 2)(*block)
        every = (c_size_t * 2)(*(a * b for a, b in zip(grid, block, strict=True)))
        return self.timed(
            lambda event: self.call(
                "clEnqueueNDRangeKernel",
                self.queue,
                kernel,
                dimensions,
                None,
                every,
                local,
                0,
                None,
                byref(event),
            )
        )

    def copy(self, to, source, bytes_):
        return self.timed(
            lambda event: self.call(
                "clEnqueueSVMMemcpy", self.queue, 0, to, source, c_size_t(bytes_), 0, None, byref(event)
            )
        )

    def empty_launch(self, address, count):
        loops = launcher(self.folder)
        if loops is None:
            return None
        kernel = self.prepared("nothing", [address])
        driver = self.driver
        return loops.opencl_launches(
            driver.clEnqueueNDRangeKernel, driver.clFinish, kernel, self.queue, c_int(count)
        )


class Arrays:
    """Copies of NumPy arrays in the driver's memory, and kernels on them."""

    def __init__(self, driver, **arrays):
        self.driver = driver
        self.arrays = arrays
        self.addresses = {name: driver.allocate(array.nbytes) for name, array in arrays.items()}
        for name, array in arrays.items():
            driver.upload(self.addresses[name], array)

    def run(self, kernel, grid, block, *arguments):
        """Names stand for arrays, ints and floats for numbers."""
        passed = []
        for argument in arguments:
            if isinstance(argument, str):
                passed.append(self.addresses[argument])
            else:
                passed.append(c_double(argument) if isinstance(argument, float) else c_int64(argument))
        return self.driver.run(kernel, grid, block, passed)

    def over(self, kernel, count, *arguments, threads=256):
        """A thread for each of so many elements."""
        return self.run(kernel, (-(-count // threads), 1), (threads, 1), *arguments)

    def plane(self, kernel, rows, columns, *arguments, block=(32, 8)):
        """A thread for each element of a plane; x goes along the rows."""
        grid = -(-columns // block[0]), -(-rows // block[1])
        return self.run(kernel, grid, block, *arguments)

    def set(self, name, array):
        self.driver.upload(self.addresses[name], array)

    def get(self, name):
        array = np.empty_like(self.arrays[name])
        self.driver.download(array, self.addresses[name])
        return array

    def free(self):
        for address in self.addresses.values():
            self.driver.free(address)
