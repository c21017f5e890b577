//! As much of OpenCL as a test needs: a driver named by `OMPLY_OPENCL_LIBRARY` (or found in `OMPLY_TEST_DEVICES`), its first device,
//! kernels over shared virtual memory of the process.

use std::ffi::{CStr, CString, c_char, c_void};
use std::sync::OnceLock;

type Handle = *mut c_void;

pub struct Driver {
    library: Handle,
    device: Handle,
    context: Handle,
    queue: Handle,
}

// SAFETY: OpenCL's objects may be used by any thread, one at a time for a kernel's arguments, which `launch` sees to.
unsafe impl Send for Driver {}
// SAFETY: see above.
unsafe impl Sync for Driver {}

impl Driver {
    /// The test's driver; `None` where there is none.
    pub fn get() -> Option<&'static Driver> {
        static DRIVER: OnceLock<Option<Driver>> = OnceLock::new();
        DRIVER.get_or_init(Driver::open).as_ref()
    }

    fn open() -> Option<Driver> {
        let path = std::env::var("OMPLY_OPENCL_LIBRARY").ok()?;
        let path = CString::new(path).ok()?;
        // SAFETY: a NUL-terminated path; the library stays loaded.
        let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
        if library.is_null() {
            // SAFETY: dlopen has failed, so there is a message.
            let why = unsafe { CStr::from_ptr(libc::dlerror()) };
            panic!("OMPLY_OPENCL_LIBRARY: {}", why.to_string_lossy());
        }
        let mut driver = Driver {
            library,
            device: std::ptr::null_mut(),
            context: std::ptr::null_mut(),
            queue: std::ptr::null_mut(),
        };
        let mut platform: Handle = std::ptr::null_mut();
        let mut status = 0i32;
        // SAFETY: the functions have these types in OpenCL 2.1.
        unsafe {
            let ids: extern "C" fn(u32, *mut Handle, *mut u32) -> i32 =
                driver.function("clIcdGetPlatformIDsKHR");
            let mut count = 0;
            assert_eq!(ids(1, &mut platform, &mut count), 0);
            let devices: extern "C" fn(Handle, u64, u32, *mut Handle, *mut u32) -> i32 =
                driver.function("clGetDeviceIDs");
            assert_eq!(
                devices(platform, 0xffff_ffff, 1, &mut driver.device, &mut count),
                0
            );
            let context: extern "C" fn(
                *const isize,
                u32,
                *const Handle,
                *const c_void,
                *const c_void,
                *mut i32,
            ) -> Handle = driver.function("clCreateContext");
            driver.context = context(
                std::ptr::null(),
                1,
                &driver.device,
                std::ptr::null(),
                std::ptr::null(),
                &mut status,
            );
            assert_eq!(status, 0);
            let queue: extern "C" fn(Handle, Handle, *const u64, *mut i32) -> Handle =
                driver.function("clCreateCommandQueueWithProperties");
            driver.queue = queue(driver.context, driver.device, std::ptr::null(), &mut status);
            assert_eq!(status, 0);
        }
        Some(driver)
    }

    /// # Safety
    /// `F` is the function's type.
    unsafe fn function<F: Copy>(&self, name: &str) -> F {
        let text = CString::new(name).expect("a name");
        // SAFETY: the library is open.
        let mut symbol = unsafe { libc::dlsym(self.library, text.as_ptr()) };
        if symbol.is_null() {
            // SAFETY: every driver for an ICD loader exports this one, of this type.
            symbol = unsafe {
                let find = libc::dlsym(self.library, c"clGetExtensionFunctionAddress".as_ptr());
                let find: extern "C" fn(*const c_char) -> Handle = std::mem::transmute(find);
                find(text.as_ptr())
            };
        }
        assert!(!symbol.is_null(), "{name}");
        // SAFETY: the caller's promise.
        unsafe { std::mem::transmute_copy(&symbol) }
    }

    /// Memory that host and device share, zeroed.
    pub fn memory(&self, bytes: usize) -> *mut u8 {
        // SAFETY: the type of OpenCL 2.0.
        let allocate: extern "C" fn(Handle, u64, usize, u32) -> *mut u8 =
            unsafe { self.function("clSVMAlloc") };
        // Read and write, fine-grained.
        let memory = allocate(self.context, 1 | 1 << 10, bytes.max(8), 64);
        assert!(!memory.is_null(), "clSVMAlloc");
        // SAFETY: the memory is this long.
        unsafe { std::ptr::write_bytes(memory, 0, bytes.max(8)) };
        memory
    }

    /// Builds a kernel.
    pub fn kernel(&'static self, image: &[u8], name: &str) -> Kernel {
        let mut status = 0i32;
        let name = CString::new(name).expect("a name");
        // SAFETY: the types are those of OpenCL 2.1.
        unsafe {
            let create: extern "C" fn(Handle, *const u8, usize, *mut i32) -> Handle =
                self.function("clCreateProgramWithIL");
            let program = create(self.context, image.as_ptr(), image.len(), &mut status);
            assert_eq!(status, 0, "clCreateProgramWithIL");
            let build: Build = self.function("clBuildProgram");
            let none = std::ptr::null();
            let built = build(program, 1, &self.device, c"".as_ptr(), none, none);
            if built != 0 {
                let info: Info = self.function("clGetProgramBuildInfo");
                let mut log = vec![0u8; 1 << 16];
                let length = std::ptr::null_mut();
                info(
                    program,
                    self.device,
                    0x1183,
                    log.len(),
                    log.as_mut_ptr(),
                    length,
                );
                panic!("clBuildProgram: {built}\n{}", String::from_utf8_lossy(&log));
            }
            let kernel: extern "C" fn(Handle, *const c_char, *mut i32) -> Handle =
                self.function("clCreateKernel");
            let kernel = kernel(program, name.as_ptr(), &mut status);
            assert_eq!(status, 0, "clCreateKernel");
            // Pointers are inside of words.
            let info: extern "C" fn(Handle, u32, usize, *const u32) -> i32 =
                self.function("clSetKernelExecInfo");
            let indirect = 1u32;
            info(kernel, 0x4201, 4, &indirect);
            Kernel {
                driver: self,
                kernel,
            }
        }
    }
}

type Build =
    extern "C" fn(Handle, u32, *const Handle, *const c_char, *const c_void, *const c_void) -> i32;
type Info = extern "C" fn(Handle, Handle, u32, usize, *mut u8, *mut usize) -> i32;
type Run = extern "C" fn(
    Handle,
    Handle,
    u32,
    *const usize,
    *const usize,
    *const usize,
    u32,
    *const c_void,
    *mut c_void,
) -> i32;

/// A kernel, which one test uses.
pub struct Kernel {
    pub driver: &'static Driver,
    kernel: Handle,
}

impl Kernel {
    /// Runs it by `teams` teams of `threads`.
    pub fn launch(&self, words: &[u64], teams: usize, threads: usize) {
        let none = std::ptr::null();
        // SAFETY: the types are those of OpenCL 2.1; the kernel takes as many words as it is given.
        unsafe {
            let argument: extern "C" fn(Handle, u32, usize, *const u64) -> i32 =
                self.driver.function("clSetKernelArg");
            for (index, word) in words.iter().enumerate() {
                assert_eq!(
                    argument(self.kernel, index as u32, 8, word),
                    0,
                    "clSetKernelArg"
                );
            }
            let run: Run = self.driver.function("clEnqueueNDRangeKernel");
            let (global, local) = (teams * threads, threads);
            let (queue, no_event) = (self.driver.queue, std::ptr::null_mut());
            let ran = run(
                queue,
                self.kernel,
                1,
                std::ptr::null(),
                &global,
                &local,
                0,
                none,
                no_event,
            );
            assert_eq!(ran, 0, "clEnqueueNDRangeKernel");
            let finish: extern "C" fn(Handle) -> i32 = self.driver.function("clFinish");
            assert_eq!(finish(queue), 0, "clFinish");
        }
    }
}
