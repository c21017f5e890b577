//! OpenCL's functions and constants, as far as they are used, under the names of the standard.

use std::ffi::{c_char, c_void};

use crate::plugins::library::functions;

pub type Handle = *mut c_void;

type Notify = Option<unsafe extern "C" fn(Handle, *mut c_void)>;
type ContextNotify = Option<unsafe extern "C" fn(*const c_char, *const c_void, usize, *mut c_void)>;

functions! {
    /// What every driver has that takes SPIR-V.
    Api {
        get_platforms = c"clGetPlatformIDs": fn(u32, *mut Handle, *mut u32) -> i32;
        get_devices = c"clGetDeviceIDs": fn(Handle, u64, u32, *mut Handle, *mut u32) -> i32;
        device_info = c"clGetDeviceInfo": fn(Handle, u32, usize, *mut c_void, *mut usize) -> i32;
        create_context = c"clCreateContext": fn(*const isize, u32, *const Handle, ContextNotify, *mut c_void, *mut i32) -> Handle;
        create_queue = c"clCreateCommandQueueWithProperties": fn(Handle, Handle, *const u64, *mut i32) -> Handle;
        release_queue = c"clReleaseCommandQueue": fn(Handle) -> i32;
        create_program = c"clCreateProgramWithIL": fn(Handle, *const c_void, usize, *mut i32) -> Handle;
        build_program = c"clBuildProgram": fn(Handle, u32, *const Handle, *const c_char, Notify, *mut c_void) -> i32;
        build_info = c"clGetProgramBuildInfo": fn(Handle, Handle, u32, usize, *mut c_void, *mut usize) -> i32;
        release_program = c"clReleaseProgram": fn(Handle) -> i32;
        create_kernel = c"clCreateKernel": fn(Handle, *const c_char, *mut i32) -> Handle;
        release_kernel = c"clReleaseKernel": fn(Handle) -> i32;
        set_argument = c"clSetKernelArg": fn(Handle, u32, usize, *const c_void) -> i32;
        set_exec_info = c"clSetKernelExecInfo": fn(Handle, u32, usize, *const c_void) -> i32;
        work_group_info = c"clGetKernelWorkGroupInfo": fn(Handle, Handle, u32, usize, *mut c_void, *mut usize) -> i32;
        enqueue_kernel = c"clEnqueueNDRangeKernel": fn(Handle, Handle, u32, *const usize, *const usize, *const usize, u32, *const Handle, *mut Handle) -> i32;
        finish = c"clFinish": fn(Handle) -> i32;
        event_times = c"clGetEventProfilingInfo": fn(Handle, u32, usize, *mut c_void, *mut usize) -> i32;
        release_event = c"clReleaseEvent": fn(Handle) -> i32;
        extension = c"clGetExtensionFunctionAddressForPlatform": fn(Handle, *const c_char) -> *mut c_void;
        svm_alloc = c"clSVMAlloc": fn(Handle, u64, usize, u32) -> *mut c_void;
        svm_free = c"clSVMFree": fn(Handle, *mut c_void) -> ();
        svm_copy = c"clEnqueueSVMMemcpy": fn(Handle, u32, *mut c_void, *const c_void, usize, u32, *const Handle, *mut Handle) -> i32;
        svm_fill = c"clEnqueueSVMMemFill": fn(Handle, *mut c_void, *const c_void, usize, usize, u32, *const Handle, *mut Handle) -> i32;
    }
}

pub type UsmAllocate =
    unsafe extern "C" fn(Handle, Handle, *const u64, usize, u32, *mut i32) -> *mut c_void;
pub type UsmHostAllocate =
    unsafe extern "C" fn(Handle, *const u64, usize, u32, *mut i32) -> *mut c_void;
pub type UsmFree = unsafe extern "C" fn(Handle, *mut c_void) -> i32;
pub type UsmCopy = unsafe extern "C" fn(
    Handle,
    u32,
    *mut c_void,
    *const c_void,
    usize,
    u32,
    *const Handle,
    *mut Handle,
) -> i32;
pub type UsmFill = unsafe extern "C" fn(
    Handle,
    *mut c_void,
    *const c_void,
    usize,
    usize,
    u32,
    *const Handle,
    *mut Handle,
) -> i32;

/// Unified shared memory (`cl_intel_unified_shared_memory`).
#[derive(Clone, Copy)]
pub struct Usm {
    pub allocate: UsmAllocate,
    pub allocate_on_host: UsmHostAllocate,
    pub free: UsmFree,
    pub copy: UsmCopy,
    pub fill: UsmFill,
}

pub const DEVICE_TYPE_ALL: u64 = 0xFFFF_FFFF;
pub const DEVICE_TYPE_CPU: u64 = 1 << 1;
pub const DEVICE_TYPE_GPU: u64 = 1 << 2;

pub const DEVICE_NOT_FOUND: i32 = -1;
pub const MEM_OBJECT_ALLOCATION_FAILURE: i32 = -4;
pub const OUT_OF_RESOURCES: i32 = -5;
pub const OUT_OF_HOST_MEMORY: i32 = -6;
pub const INVALID_BUFFER_SIZE: i32 = -61;

/// Queries of devices.
pub mod device {
    pub const TYPE: u32 = 0x1000;
    pub const MAX_COMPUTE_UNITS: u32 = 0x1002;
    pub const MAX_WORK_GROUP_SIZE: u32 = 0x1004;
    pub const GLOBAL_MEM_SIZE: u32 = 0x101F;
    pub const NAME: u32 = 0x102B;
    pub const VENDOR: u32 = 0x102C;
    pub const DRIVER_VERSION: u32 = 0x102D;
    pub const EXTENSIONS: u32 = 0x1030;
    pub const DOUBLE_FP_CONFIG: u32 = 0x1032;
    pub const SVM_CAPABILITIES: u32 = 0x1053;
    pub const IL_VERSION: u32 = 0x105B;
    pub const UUID_KHR: u32 = 0x106A;
    pub const SUB_GROUP_SIZES_INTEL: u32 = 0x4108;
    pub const DOUBLE_FP_ATOMIC_CAPABILITIES_EXT: u32 = 0x4232;
}

/// A bit of [`device::SVM_CAPABILITIES`]: the host's memory as it is.
pub const SVM_FINE_GRAIN_SYSTEM: u64 = 1 << 2;
/// A bit of [`device::DOUBLE_FP_ATOMIC_CAPABILITIES_EXT`].
pub const GLOBAL_FP_ATOMIC_ADD: u64 = 1 << 1;

/// A queue's properties: their key, and the flag that lets its events tell times.
pub const QUEUE_PROPERTIES: u64 = 0x1093;
pub const QUEUE_PROFILING: u64 = 1 << 1;
/// What an event tells, in nanoseconds.
pub const COMMAND_START: u32 = 0x1282;
pub const COMMAND_END: u32 = 0x1283;
pub const PROGRAM_BUILD_LOG: u32 = 0x1183;
pub const KERNEL_WORK_GROUP_SIZE: u32 = 0x11B0;
pub const KERNEL_LOCAL_MEM_SIZE: u32 = 0x11B2;
pub const KERNEL_PRIVATE_MEM_SIZE: u32 = 0x11B4;
pub const KERNEL_EXEC_INFO_SVM_PTRS: u32 = 0x11B6;
pub const KERNEL_EXEC_INFO_INDIRECT_HOST_ACCESS: u32 = 0x4200;
pub const KERNEL_EXEC_INFO_INDIRECT_DEVICE_ACCESS: u32 = 0x4201;
/// `CL_MEM_READ_WRITE`.
pub const MEM_READ_WRITE: u64 = 1;

/// The names of the codes that a program can do something about; the number of others.
pub fn error_name(code: i32) -> String {
    let name = match code {
        DEVICE_NOT_FOUND => "CL_DEVICE_NOT_FOUND",
        -2 => "CL_DEVICE_NOT_AVAILABLE",
        MEM_OBJECT_ALLOCATION_FAILURE => "CL_MEM_OBJECT_ALLOCATION_FAILURE",
        OUT_OF_RESOURCES => "CL_OUT_OF_RESOURCES",
        OUT_OF_HOST_MEMORY => "CL_OUT_OF_HOST_MEMORY",
        -11 => "CL_BUILD_PROGRAM_FAILURE",
        -14 => "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST",
        -46 => "CL_INVALID_KERNEL_NAME",
        -51 => "CL_INVALID_ARG_SIZE",
        -52 => "CL_INVALID_KERNEL_ARGS",
        -54 => "CL_INVALID_WORK_GROUP_SIZE",
        INVALID_BUFFER_SIZE => "CL_INVALID_BUFFER_SIZE",
        _ => return format!("OpenCL error {code}"),
    };
    name.to_owned()
}
