//! A device with streams, as CUDA's driver interface and HIP know them: nearly the same functions under different names.
//!
//! The device's primary context is used, as other libraries of the process do; it is made current for each call, since they may have
//! changed it. Each queue is a stream without order to others.

pub mod functions;
mod queue;

use std::ffi::{CStr, CString, c_void};
use std::ptr::{null, null_mut};
use std::sync::Arc;

use super::library::text;
use super::pool::Pool;
use crate::driver::{Address, Description, Driver, Failure, Handles, Kernel, Queue, Result, Told};
use crate::image::{DeviceTarget, Image};
use functions::{Functions, Handle, of_function};

/// Numbers of device attributes, which differ.
pub struct Attributes {
    pub max_threads: i32,
    pub width: i32,
    pub units: i32,
    pub pageable_memory: i32,
}

/// A device that has been found.
pub struct Found {
    pub functions: Functions,
    pub device: i32,
    /// Its number among the driver's devices.
    pub ordinal: i32,
    pub name: String,
    pub uuid: [u8; 16],
    pub memory: u64,
    pub max_threads: u32,
    pub width: u32,
    pub units: u32,
    pub pageable_memory: bool,
}

/// What an error's number means.
fn error_text(functions: &Functions, code: i32) -> String {
    let mut said = null();
    // SAFETY: the place is valid; the text lives for ever.
    let known = unsafe { (functions.error_text)(code, &mut said) };
    if known != 0 || said.is_null() {
        return format!("error {code}");
    }
    // SAFETY: not null.
    let said = unsafe { CStr::from_ptr(said) }.to_string_lossy();
    format!("{said} (error {code})")
}

/// Looks for devices; the error says why there are none.
pub fn devices(
    functions: &Functions,
    attributes: &Attributes,
) -> std::result::Result<Vec<Found>, String> {
    let told = |code: i32, what: &str| match code {
        functions::SUCCESS => Ok(()),
        functions::NO_DEVICE => Err("the driver finds no device".to_owned()),
        _ => Err(format!("{what}: {}", error_text(functions, code))),
    };
    // SAFETY: no flags.
    told(unsafe { (functions.init)(0) }, "the driver does not start")?;
    let mut count = 0;
    // SAFETY: a valid place.
    let code = unsafe { (functions.device_count)(&mut count) };
    told(code, "counting devices")?;
    if count == 0 {
        return Err("the driver finds no device".to_owned());
    }
    (0..count)
        .map(|ordinal| {
            let mut device = 0;
            // SAFETY: a valid place.
            let code = unsafe { (functions.device)(&mut device, ordinal) };
            told(code, "asking for a device")?;
            let mut name = [0u8; 256];
            let mut uuid = [0u8; 16];
            let mut memory = 0;
            // What cannot be told stays empty.
            // SAFETY: valid places, and the buffer is as long as said.
            unsafe {
                (functions.device_name)(name.as_mut_ptr().cast(), name.len() as i32, device);
                (functions.device_uuid)(&mut uuid, device);
                (functions.device_memory)(&mut memory, device);
            }
            let ask = |attribute| self::attribute(functions, device, attribute);
            Ok(Found {
                functions: *functions,
                device,
                ordinal,
                name: text(&name),
                uuid,
                memory: memory as u64,
                max_threads: ask(attributes.max_threads),
                width: ask(attributes.width),
                units: ask(attributes.units),
                pageable_memory: ask(attributes.pageable_memory) != 0,
            })
        })
        .collect()
}

/// A device's attribute; 0: it does not say.
pub fn attribute(functions: &Functions, device: i32, number: i32) -> u32 {
    let mut value = 0;
    // SAFETY: a valid place.
    let code = unsafe { (functions.device_attribute)(&mut value, number, device) };
    if code == functions::SUCCESS {
        u32::try_from(value).unwrap_or(0)
    } else {
        0
    }
}

/// `GPU-12345678-...`, as the vendors' tools show it.
pub fn uid(uuid: &[u8; 16]) -> String {
    if uuid.iter().all(u8::is_ascii_alphanumeric) {
        return format!("GPU-{}", String::from_utf8_lossy(uuid));
    }
    let mut text = "GPU".to_owned();
    for (index, byte) in uuid.iter().enumerate() {
        if [0, 4, 6, 8, 10].contains(&index) {
            text.push('-');
        }
        text += &format!("{byte:02x}");
    }
    text
}

/// What driver, queues and kernels share.
pub(super) struct Shared {
    functions: Functions,
    context: Handle,
    memory: Pool,
    /// The generation of the process that the context belongs to.
    generation: u32,
}

// SAFETY: the driver's functions may be called from any thread, after the context has been made current there.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    fn check(&self, code: i32, doing: &str) -> Result<()> {
        if code == functions::SUCCESS {
            return Ok(());
        }
        let text = format!("{doing}: {}", error_text(&self.functions, code));
        Err(Failure {
            out_of_memory: code == functions::OUT_OF_MEMORY,
            text,
        })
    }

    /// To be called before other functions.
    fn enter(&self) -> Result<&Functions> {
        // Drivers do not bear to be called in the child of a fork, where things may still be dropped.
        if self.generation != omply_runtime::process_generation() {
            return Err(Failure::new(
                "the driver was in use before this process was forked",
            ));
        }
        // SAFETY: a live context.
        let code = unsafe { (self.functions.set_current)(self.context) };
        self.check(code, "using the device's context")?;
        Ok(&self.functions)
    }

    fn allocate(&self, bytes: u64) -> Result<Address> {
        let functions = self.enter()?;
        let mut address = 0;
        // SAFETY: a valid place; any size may be asked for.
        let code = unsafe { (functions.allocate)(&mut address, bytes as usize) };
        self.check(code, "allocating")?;
        Ok(address)
    }

    fn release(&self, address: Address) {
        if let Ok(functions) = self.enter() {
            // There is nothing to be done about a failure.
            // SAFETY: only called with what `allocate` gave, once.
            let _ = unsafe { (functions.free)(address) };
        }
    }
}

/// A device.
pub struct Streams {
    shared: Arc<Shared>,
    device: i32,
    ordinal: i32,
    description: Description,
    target: DeviceTarget,
    pageable_memory: bool,
    is_text: bool,
}

impl Streams {
    /// Takes the device's context. `is_text`: images are text that the driver compiles.
    pub fn new(
        found: &Found,
        description: Description,
        target: DeviceTarget,
        is_text: bool,
    ) -> std::result::Result<Self, String> {
        let functions = found.functions;
        let mut context = null_mut();
        // SAFETY: a valid place, and a device of the driver's.
        let code = unsafe { (functions.retain_context)(&mut context, found.device) };
        if code != functions::SUCCESS {
            return Err(format!(
                "{}: no context: {}",
                found.name,
                error_text(&functions, code)
            ));
        }
        Ok(Self {
            shared: Arc::new(Shared {
                functions,
                context,
                memory: Pool::default(),
                generation: omply_runtime::process_generation(),
            }),
            device: found.device,
            ordinal: found.ordinal,
            description,
            target,
            pageable_memory: found.pageable_memory,
            is_text,
        })
    }
}

impl Driver for Streams {
    fn description(&self) -> &Description {
        &self.description
    }

    fn target(&self) -> Option<&DeviceTarget> {
        Some(&self.target)
    }

    fn allocate(&self, bytes: u64) -> Result<Address> {
        let shared = &self.shared;
        shared.memory.allocate(
            bytes,
            |size| shared.allocate(size),
            |address| shared.release(address),
        )
    }

    fn free(&self, address: Address) {
        self.shared.memory.free(address);
    }

    fn queue(&self) -> Result<Box<dyn Queue>> {
        Ok(Box::new(queue::Stream::new(self.shared.clone())?))
    }

    fn load(&self, image: &Image) -> Result<Box<dyn Kernel>> {
        Ok(Box::new(Function::new(
            self.shared.clone(),
            image,
            self.is_text,
        )?))
    }

    fn reaches_host_memory(&self) -> bool {
        self.pageable_memory
    }

    fn handles(&self) -> Option<Handles> {
        Some(Handles {
            platform: null_mut(),
            device: std::ptr::without_provenance_mut(self.device as usize),
            context: self.shared.context,
        })
    }

    fn owns(&self, address: Address) -> bool {
        let Ok(functions) = self.shared.enter() else {
            return false;
        };
        let mut device = -1i32;
        // SAFETY: a place for the number; any address may be asked for.
        let code = unsafe {
            (functions.pointer_attribute)(
                (&raw mut device).cast(),
                functions::OF_POINTER_DEVICE,
                address,
            )
        };
        code == functions::SUCCESS && device == self.ordinal
    }

    fn dlpack(&self) -> Option<(i32, i32)> {
        let kind = match self.target {
            DeviceTarget::Amdgpu { .. } => DLPACK_ROCM,
            _ => DLPACK_CUDA,
        };
        Some((kind, self.ordinal))
    }

    fn wait_for(&self, stream: u64) -> Result<()> {
        let functions = self.shared.enter()?;
        // SAFETY: the stream's owner hands it out for this; small numbers name default streams.
        let code = unsafe {
            (functions.finish_stream)(std::ptr::with_exposed_provenance_mut(stream as usize))
        };
        self.shared.check(code, "waiting for another user's stream")
    }
}

/// `kDLCUDA`.
const DLPACK_CUDA: i32 = 2;
/// `kDLROCM`.
const DLPACK_ROCM: i32 = 10;

/// A module with one kernel.
pub(super) struct Function {
    shared: Arc<Shared>,
    module: Handle,
    function: Handle,
    needs_heap: bool,
    told: Told,
}

// SAFETY: as for `Shared`.
unsafe impl Send for Function {}
// SAFETY: as above.
unsafe impl Sync for Function {}

/// Options of the driver's compiler, of both: where it puts what it has to say.
const LOG: i32 = 5;
const LOG_BYTES: i32 = 6;

impl Function {
    fn new(shared: Arc<Shared>, image: &Image, is_text: bool) -> Result<Self> {
        let functions = *shared.enter()?;
        let mut log = vec![0u8; 8 << 10];
        let mut options = [LOG, LOG_BYTES];
        let mut values = [
            log.as_mut_ptr().cast::<c_void>(),
            std::ptr::without_provenance_mut(log.len()),
        ];
        let mut bytes = image.bytes.clone();
        if is_text {
            bytes.push(0);
        }
        let count = if is_text { options.len() as u32 } else { 0 };
        let mut module = null_mut();
        // SAFETY: the image is whole, text ends with a NUL; the log is as long as said.
        let code = unsafe {
            (functions.load_module)(
                &mut module,
                bytes.as_ptr().cast(),
                count,
                options.as_mut_ptr(),
                values.as_mut_ptr(),
            )
        };
        shared
            .check(code, "the driver does not load the kernel")
            .map_err(|failure| {
                let log = text(&log);
                let between = if log.is_empty() { "" } else { ": " };
                Failure {
                    text: format!("{}{between}{log}", failure.text),
                    ..failure
                }
            })?;
        let mut made = Self {
            shared,
            module,
            function: null_mut(),
            needs_heap: image.needs_heap,
            told: Told::default(),
        };
        let name = CString::new(image.kernel.as_str())
            .map_err(|_| Failure::new("the kernel's name holds a NUL"))?;
        // SAFETY: a valid place, a module, a C string.
        let code = unsafe { (functions.function)(&mut made.function, module, name.as_ptr()) };
        made.shared.check(code, "the module has no kernel")?;
        let max_threads = made.ask(of_function::MAX_THREADS);
        let resources = format!(
            "{} registers, {} bytes of shared memory, {} bytes of local memory, at most {} threads a team",
            made.ask(of_function::REGISTERS),
            made.ask(of_function::SHARED_BYTES),
            made.ask(of_function::LOCAL_BYTES),
            max_threads,
        );
        made.told = Told {
            max_threads,
            resources,
        };
        Ok(made)
    }

    /// What the driver says of the kernel; 0: nothing.
    fn ask(&self, what: i32) -> u32 {
        let mut value = 0;
        // SAFETY: a valid place and a function.
        let code =
            unsafe { (self.shared.functions.function_attribute)(&mut value, what, self.function) };
        if code == functions::SUCCESS {
            u32::try_from(value).unwrap_or(0)
        } else {
            0
        }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        if let Ok(functions) = self.shared.enter() {
            // There is nothing to be done about a failure.
            // SAFETY: the module is ours, and given back once.
            let _ = unsafe { (functions.unload_module)(self.module) };
        }
    }
}

impl Kernel for Function {
    fn handle(&self) -> *mut c_void {
        std::ptr::from_ref(self).cast_mut().cast()
    }

    fn told(&self) -> &Told {
        &self.told
    }
}

#[cfg(test)]
mod tests {
    use super::uid;

    #[test]
    fn uids_look_as_the_vendors_tools_show_them() {
        let mut bytes = [0u8; 16];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = index as u8 * 17;
        }
        assert_eq!(uid(&bytes), "GPU-00112233-4455-6677-8899-aabbccddeeff");
        assert_eq!(uid(b"4f2d80ab91c03e57"), "GPU-4f2d80ab91c03e57");
    }
}
