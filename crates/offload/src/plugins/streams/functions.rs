//! The functions that CUDA's driver interface and HIP have in common, each under both names. Addresses in a device's memory are 64-bit
//! numbers in the one and pointers in the other, which is the same for the machine.

use std::ffi::{CStr, c_char, c_void};

use crate::plugins::library::Library;

pub type Handle = *mut c_void;

macro_rules! table {
    ($($field:ident: $cuda:literal $hip:literal fn($($argument:ty),*);)*) => {
        /// Each returns 0 or the number of an error.
        #[derive(Clone, Copy)]
        pub struct Functions {
            $(pub $field: unsafe extern "C" fn($($argument),*) -> i32,)*
            pub copy_rows: CopyRows,
        }

        impl Functions {
            fn new(library: Library, is_hip: bool, copy_rows: CopyRows) -> Result<Self, String> {
                Ok(Self {
                    copy_rows,
                    $($field: {
                        let address = address(library, if is_hip { $hip } else { $cuda })?;
                        // SAFETY: the vendor's documentation gives the function this signature.
                        unsafe {
                            std::mem::transmute::<*mut c_void, unsafe extern "C" fn($($argument),*) -> i32>(address)
                        }
                    },)*
                })
            }
        }
    };
}

table! {
    init: c"cuInit" c"hipInit" fn(u32);
    driver_version: c"cuDriverGetVersion" c"hipDriverGetVersion" fn(*mut i32);
    device_count: c"cuDeviceGetCount" c"hipGetDeviceCount" fn(*mut i32);
    device: c"cuDeviceGet" c"hipDeviceGet" fn(*mut i32, i32);
    device_name: c"cuDeviceGetName" c"hipDeviceGetName" fn(*mut c_char, i32, i32);
    device_uuid: c"cuDeviceGetUuid" c"hipDeviceGetUuid" fn(*mut [u8; 16], i32);
    device_attribute: c"cuDeviceGetAttribute" c"hipDeviceGetAttribute" fn(*mut i32, i32, i32);
    device_memory: c"cuDeviceTotalMem_v2" c"hipDeviceTotalMem" fn(*mut usize, i32);
    retain_context: c"cuDevicePrimaryCtxRetain" c"hipDevicePrimaryCtxRetain" fn(*mut Handle, i32);
    set_current: c"cuCtxSetCurrent" c"hipCtxSetCurrent" fn(Handle);
    allocate: c"cuMemAlloc_v2" c"hipMalloc" fn(*mut u64, usize);
    free: c"cuMemFree_v2" c"hipFree" fn(u64);
    allocate_on_host: c"cuMemHostAlloc" c"hipHostMalloc" fn(*mut *mut c_void, usize, u32);
    free_on_host: c"cuMemFreeHost" c"hipHostFree" fn(*mut c_void);
    host_address: c"cuMemHostGetDevicePointer_v2" c"hipHostGetDevicePointer" fn(*mut u64, *mut c_void, u32);
    create_stream: c"cuStreamCreate" c"hipStreamCreateWithFlags" fn(*mut Handle, u32);
    destroy_stream: c"cuStreamDestroy_v2" c"hipStreamDestroy" fn(Handle);
    finish_stream: c"cuStreamSynchronize" c"hipStreamSynchronize" fn(Handle);
    pointer_attribute: c"cuPointerGetAttribute" c"hipPointerGetAttribute" fn(*mut c_void, i32, u64);
    create_event: c"cuEventCreate" c"hipEventCreateWithFlags" fn(*mut Handle, u32);
    destroy_event: c"cuEventDestroy_v2" c"hipEventDestroy" fn(Handle);
    record_event: c"cuEventRecord" c"hipEventRecord" fn(Handle, Handle);
    elapsed: c"cuEventElapsedTime" c"hipEventElapsedTime" fn(*mut f32, Handle, Handle);
    copy_in: c"cuMemcpyHtoDAsync_v2" c"hipMemcpyHtoDAsync" fn(u64, *const c_void, usize, Handle);
    copy_out: c"cuMemcpyDtoHAsync_v2" c"hipMemcpyDtoHAsync" fn(*mut c_void, u64, usize, Handle);
    copy_within: c"cuMemcpyDtoDAsync_v2" c"hipMemcpyDtoDAsync" fn(u64, u64, usize, Handle);
    fill: c"cuMemsetD8Async" c"hipMemsetD8Async" fn(u64, u8, usize, Handle);
    load_module: c"cuModuleLoadDataEx" c"hipModuleLoadDataEx" fn(*mut Handle, *const c_void, u32, *mut i32, *mut *mut c_void);
    unload_module: c"cuModuleUnload" c"hipModuleUnload" fn(Handle);
    function: c"cuModuleGetFunction" c"hipModuleGetFunction" fn(*mut Handle, Handle, *const c_char);
    function_attribute: c"cuFuncGetAttribute" c"hipFuncGetAttribute" fn(*mut i32, i32, Handle);
    launch: c"cuLaunchKernel" c"hipModuleLaunchKernel" fn(Handle, u32, u32, u32, u32, u32, u32, u32, Handle, *mut *mut c_void, *mut *mut c_void);
    error_text: c"cuGetErrorString" c"hipDrvGetErrorString" fn(i32, *mut *const c_char);
}

/// Copies of rows, which the two interfaces describe in different ways.
#[derive(Clone, Copy)]
pub enum CopyRows {
    Cuda(unsafe extern "C" fn(*const CudaRows, Handle) -> i32),
    Hip(
        unsafe extern "C" fn(Handle, usize, *const c_void, usize, usize, usize, i32, Handle) -> i32,
    ),
}

/// `CUDA_MEMCPY2D`.
#[repr(C)]
pub struct CudaRows {
    pub from: CudaSide,
    pub to: CudaSide,
    pub width: usize,
    pub height: usize,
}

/// One side of [`CudaRows`].
#[repr(C)]
pub struct CudaSide {
    pub x: usize,
    pub y: usize,
    /// [`MEMORY_OF_HOST`] or [`MEMORY_OF_DEVICE`].
    pub kind: u32,
    pub host: *mut c_void,
    pub device: u64,
    pub array: Handle,
    pub pitch: usize,
}

/// `CU_MEMORYTYPE_HOST`.
pub const MEMORY_OF_HOST: u32 = 1;
/// `CU_MEMORYTYPE_DEVICE`.
pub const MEMORY_OF_DEVICE: u32 = 2;
/// `hipMemcpyHostToDevice`.
pub const HOST_TO_DEVICE: i32 = 1;
/// `hipMemcpyDeviceToHost`.
pub const DEVICE_TO_HOST: i32 = 2;

fn address(library: Library, name: &CStr) -> Result<*mut c_void, String> {
    library
        .find(name)
        .ok_or_else(|| format!("the library has no {}", name.to_string_lossy()))
}

impl Functions {
    pub fn cuda(library: Library) -> Result<Self, String> {
        let rows = address(library, c"cuMemcpy2DAsync_v2")?;
        // SAFETY: CUDA's documentation gives the function this signature.
        let rows = unsafe {
            std::mem::transmute::<*mut c_void, unsafe extern "C" fn(*const CudaRows, Handle) -> i32>(
                rows,
            )
        };
        Self::new(library, false, CopyRows::Cuda(rows))
    }

    pub fn hip(library: Library) -> Result<Self, String> {
        let rows = address(library, c"hipMemcpy2DAsync")?;
        // SAFETY: HIP's documentation gives the function this signature.
        let rows = unsafe {
            std::mem::transmute::<
                *mut c_void,
                unsafe extern "C" fn(
                    Handle,
                    usize,
                    *const c_void,
                    usize,
                    usize,
                    usize,
                    i32,
                    Handle,
                ) -> i32,
            >(rows)
        };
        Self::new(library, true, CopyRows::Hip(rows))
    }
}

/// Both: no error.
pub const SUCCESS: i32 = 0;
/// Both.
pub const OUT_OF_MEMORY: i32 = 2;
/// Both: the machine has no such device.
pub const NO_DEVICE: i32 = 100;
/// Flags of host memory, of both: any context may use it, and devices see it.
pub const PORTABLE_AND_MAPPED: u32 = 3;
/// Flag of streams, of both: no order with the default stream.
pub const NON_BLOCKING: u32 = 1;

/// Attribute of addresses, of both: the number of the device whose memory it is.
pub const OF_POINTER_DEVICE: i32 = 9;

/// Attributes of functions, of both.
pub mod of_function {
    pub const MAX_THREADS: i32 = 0;
    pub const SHARED_BYTES: i32 = 1;
    pub const LOCAL_BYTES: i32 = 3;
    pub const REGISTERS: i32 = 4;
}
