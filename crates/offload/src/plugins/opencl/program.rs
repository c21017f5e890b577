//! A region's kernel as OpenCL has it: a program, built from SPIR-V, and the one kernel in it.

use std::ffi::{CString, c_void};
use std::ptr::{null, null_mut};
use std::sync::{Arc, Mutex};

use super::Shared;
use super::api::{self, Handle, error_name};
use crate::driver::{Failure, Kernel, Result, Told};
use crate::image::Image;
use crate::plugins::library::text;

/// A program with one kernel.
pub struct Program {
    shared: Arc<Shared>,
    program: Handle,
    pub kernel: Handle,
    /// Held from the first argument to the launch: the kernel object keeps them.
    pub arguments: Mutex<()>,
    pub needs_heap: bool,
    told: Told,
}

// SAFETY: as for `Shared`; the lock guards the kernel's arguments.
unsafe impl Send for Program {}
// SAFETY: as above.
unsafe impl Sync for Program {}

impl Program {
    pub fn new(shared: Arc<Shared>, image: &Image) -> Result<Self> {
        let api = shared.api;
        let mut code = 0;
        // SAFETY: the bytes are as many as said.
        let handle = unsafe {
            (api.create_program)(
                shared.context,
                image.bytes.as_ptr().cast(),
                image.bytes.len(),
                &mut code,
            )
        };
        Shared::check(code, "clCreateProgramWithIL")?;
        let mut program = Self {
            shared,
            program: handle,
            kernel: null_mut(),
            arguments: Mutex::default(),
            needs_heap: image.needs_heap,
            told: Told::default(),
        };
        let device = program.shared.device;
        // SAFETY: one device; no options, no notification.
        let code = unsafe { (api.build_program)(handle, 1, &device, null(), None, null_mut()) };
        if code != 0 {
            let log = program.log();
            return Err(Failure::new(format!(
                "the driver does not build the kernel: {}{}{log}",
                error_name(code),
                if log.is_empty() { "" } else { ": " }
            )));
        }
        let name = CString::new(image.kernel.as_str())
            .map_err(|_| Failure::new("the kernel's name holds a NUL"))?;
        let mut code = 0;
        // SAFETY: a program that was built, and a C string.
        program.kernel = unsafe { (api.create_kernel)(handle, name.as_ptr(), &mut code) };
        Shared::check(code, "clCreateKernel")?;
        if program.shared.usm.is_some() {
            // Addresses travel as numbers: the driver cannot see which memory a kernel uses.
            for what in [
                api::KERNEL_EXEC_INFO_INDIRECT_DEVICE_ACCESS,
                api::KERNEL_EXEC_INFO_INDIRECT_HOST_ACCESS,
            ] {
                let yes = 1u32;
                // SAFETY: a kernel, and a cl_bool.
                let code = unsafe {
                    (api.set_exec_info)(program.kernel, what, 4, (&raw const yes).cast())
                };
                Shared::check(code, "clSetKernelExecInfo")?;
            }
        }
        let max_threads = program.ask(api::KERNEL_WORK_GROUP_SIZE) as u32;
        let resources = format!(
            "{} bytes of local memory, {} bytes of private memory, at most {} threads a team",
            program.ask(api::KERNEL_LOCAL_MEM_SIZE),
            program.ask(api::KERNEL_PRIVATE_MEM_SIZE),
            max_threads
        );
        program.told = Told {
            max_threads,
            resources,
        };
        Ok(program)
    }

    fn log(&self) -> String {
        let mut log = vec![0u8; 16 << 10];
        let mut size = 0;
        // SAFETY: the buffer is as long as said.
        let code = unsafe {
            (self.shared.api.build_info)(
                self.program,
                self.shared.device,
                api::PROGRAM_BUILD_LOG,
                log.len(),
                log.as_mut_ptr().cast(),
                &mut size,
            )
        };
        if code == 0 { text(&log) } else { String::new() }
    }

    /// What the driver says of the kernel; 0: nothing.
    fn ask(&self, what: u32) -> u64 {
        let mut value = 0u64;
        // SAFETY: the value has room for a size_t and a cl_ulong.
        unsafe {
            (self.shared.api.work_group_info)(
                self.kernel,
                self.shared.device,
                what,
                8,
                (&raw mut value).cast(),
                null_mut(),
            )
        };
        value
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if !self.shared.is_usable() {
            return;
        }
        // SAFETY: the handles are ours, and given back once.
        unsafe {
            if !self.kernel.is_null() {
                (self.shared.api.release_kernel)(self.kernel);
            }
            (self.shared.api.release_program)(self.program);
        }
    }
}

impl Kernel for Program {
    fn handle(&self) -> *mut c_void {
        std::ptr::from_ref(self).cast_mut().cast()
    }

    fn told(&self) -> &Told {
        &self.told
    }
}
