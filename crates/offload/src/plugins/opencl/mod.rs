//! OpenCL: any driver that takes SPIR-V and has memory with addresses that kernels may be given as numbers: unified shared memory, or
//! shared virtual memory. Loads `libOpenCL.so.1`, or the library that `OMPLY_OPENCL_LIBRARY` names, which may be a driver itself.

mod api;
mod program;
mod queue;

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::Arc;

use omply_runtime::config::{config, devices::DeviceTraits};

use super::library::{Library, text};
use super::pool::Pool;
use crate::driver::{Address, Description, Driver, Failure, Handles, Kernel, Queue, Result};
use crate::image::{DeviceTarget, Image};
use api::{Api, Handle, Usm, device, error_name};

/// The devices of all platforms that can be used; the error says why there are none.
pub fn find() -> std::result::Result<Vec<Box<dyn Driver>>, String> {
    let library = match &config().opencl_library {
        Some(path) => Library::open(&[path]),
        None => Library::open(&["libOpenCL.so.1", "libOpenCL.so"]),
    };
    let api = Api::new(library?)?;
    let mut found: Vec<Box<dyn Driver>> = Vec::new();
    let mut why = Vec::new();
    for platform in platforms(&api) {
        for device in devices(&api, platform) {
            match OpenCl::new(api, platform, device, found.len()) {
                Ok(driver) => found.push(Box::new(driver)),
                Err(reason) => why.push(reason),
            }
        }
    }
    match (found.is_empty(), why.is_empty()) {
        (false, _) => Ok(found),
        (true, true) => Err("no platform has a device".to_owned()),
        (true, false) => Err(why.join("; ")),
    }
}

fn platforms(api: &Api) -> Vec<Handle> {
    let mut handles = [null_mut(); 16];
    let mut count = 0;
    // SAFETY: the buffer has room for as many as said.
    let code =
        unsafe { (api.get_platforms)(handles.len() as u32, handles.as_mut_ptr(), &mut count) };
    let count = if code == 0 { count as usize } else { 0 };
    handles[..count.min(handles.len())].to_vec()
}

fn devices(api: &Api, platform: Handle) -> Vec<Handle> {
    let mut handles = [null_mut(); 64];
    let mut count = 0;
    // SAFETY: the buffer has room for as many as said.
    let code = unsafe {
        (api.get_devices)(
            platform,
            api::DEVICE_TYPE_ALL,
            handles.len() as u32,
            handles.as_mut_ptr(),
            &mut count,
        )
    };
    let count = if code == 0 { count as usize } else { 0 };
    handles[..count.min(handles.len())].to_vec()
}

/// What driver, queues and kernels share.
pub(super) struct Shared {
    api: Api,
    usm: Option<Usm>,
    device: Handle,
    context: Handle,
    memory: Pool,
    /// The generation of the process that the context belongs to.
    generation: u32,
}

// SAFETY: OpenCL's functions may be called from any thread, but for clSetKernelArg, which kernels guard.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

/// A device.
struct OpenCl {
    platform: Handle,
    shared: Arc<Shared>,
    description: Description,
    target: DeviceTarget,
    reaches_host: bool,
}

// SAFETY: as for `Shared`.
unsafe impl Send for OpenCl {}
// SAFETY: as above.
unsafe impl Sync for OpenCl {}

/// What a device answers, as bytes.
fn answer(api: &Api, device: Handle, what: u32) -> Vec<u8> {
    let mut size = 0;
    // SAFETY: asks for the size only.
    if unsafe { (api.device_info)(device, what, 0, null_mut(), &mut size) } != 0 {
        return Vec::new();
    }
    let mut bytes = vec![0u8; size];
    // SAFETY: the buffer is as long as said.
    let code =
        unsafe { (api.device_info)(device, what, size, bytes.as_mut_ptr().cast(), null_mut()) };
    if code == 0 { bytes } else { Vec::new() }
}

/// The same, as a number; 0: it does not say.
fn number(api: &Api, device: Handle, what: u32) -> u64 {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(answer(api, device, what)) {
        *to = from;
    }
    u64::from_le_bytes(bytes)
}

/// The newest SPIR-V version of `SPIR-V_1.0 SPIR-V_1.2`.
fn newest_spirv(versions: &str) -> Option<(u32, u32)> {
    versions
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("SPIR-V_")?.split_once('.'))
        .filter_map(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)))
        .max()
}

fn usm(api: &Api, platform: Handle) -> Option<Usm> {
    let find = |name: &std::ffi::CStr| {
        // SAFETY: a C string, and a platform.
        let address = unsafe { (api.extension)(platform, name.as_ptr()) };
        (!address.is_null()).then_some(address)
    };
    // SAFETY: the extension gives the functions these signatures.
    unsafe {
        Some(Usm {
            allocate: std::mem::transmute::<*mut c_void, api::UsmAllocate>(find(
                c"clDeviceMemAllocINTEL",
            )?),
            allocate_on_host: std::mem::transmute::<*mut c_void, api::UsmHostAllocate>(find(
                c"clHostMemAllocINTEL",
            )?),
            free: std::mem::transmute::<*mut c_void, api::UsmFree>(find(
                c"clMemBlockingFreeINTEL",
            )?),
            copy: std::mem::transmute::<*mut c_void, api::UsmCopy>(find(c"clEnqueueMemcpyINTEL")?),
            fill: std::mem::transmute::<*mut c_void, api::UsmFill>(find(c"clEnqueueMemFillINTEL")?),
        })
    }
}

impl OpenCl {
    fn new(
        api: Api,
        platform: Handle,
        device: Handle,
        index: usize,
    ) -> std::result::Result<Self, String> {
        let name = text(&answer(&api, device, device::NAME));
        let versions = text(&answer(&api, device, device::IL_VERSION));
        let Some(version) = newest_spirv(&versions) else {
            return Err(format!("{name} takes no SPIR-V"));
        };
        let extensions = text(&answer(&api, device, device::EXTENSIONS));
        let has = |extension: &str| extensions.split_whitespace().any(|word| word == extension);
        let capabilities = number(&api, device, device::SVM_CAPABILITIES);
        let usm = if has("cl_intel_unified_shared_memory") {
            usm(&api, platform)
        } else {
            None
        };
        if usm.is_none() && capabilities == 0 {
            return Err(format!(
                "{name} has neither unified shared memory nor shared virtual memory"
            ));
        }
        let mut code = 0;
        // SAFETY: one device; no properties, no notification.
        let context =
            unsafe { (api.create_context)(null(), 1, &device, None, null_mut(), &mut code) };
        if context.is_null() {
            return Err(format!("{name}: no context: {}", error_name(code)));
        }
        let fp_atomics = number(&api, device, device::DOUBLE_FP_ATOMIC_CAPABILITIES_EXT);
        let fp64_atomic_add =
            has("cl_ext_float_atomics") && fp_atomics & api::GLOBAL_FP_ATOMIC_ADD != 0;
        let description = describe(&api, device, name, index);
        Ok(Self {
            platform,
            description,
            target: DeviceTarget::Spirv {
                version,
                extensions: if fp64_atomic_add {
                    vec!["SPV_EXT_shader_atomic_float_add".to_owned()]
                } else {
                    Vec::new()
                },
                fp64: number(&api, device, device::DOUBLE_FP_CONFIG) != 0,
                int64_atomics: has("cl_khr_int64_base_atomics"),
                fp64_atomic_add,
                subgroups: has("cl_khr_subgroup_shuffle"),
            },
            reaches_host: capabilities & api::SVM_FINE_GRAIN_SYSTEM != 0,
            shared: Arc::new(Shared {
                api,
                usm,
                device,
                context,
                memory: Pool::default(),
                generation: omply_runtime::process_generation(),
            }),
        })
    }
}

fn describe(api: &Api, device: Handle, name: String, index: usize) -> Description {
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let kind = number(api, device, device::TYPE);
    let vendor = text(&answer(api, device, device::VENDOR));
    let uuid = answer(api, device, device::UUID_KHR);
    let uid = if uuid.iter().any(|&byte| byte != 0) {
        let digits: String = uuid.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("opencl-{digits}")
    } else {
        format!("opencl-{index}")
    };
    let sizes = answer(api, device, device::SUB_GROUP_SIZES_INTEL);
    let width = sizes
        .chunks_exact(8)
        .filter_map(|bytes| bytes.try_into().ok().map(u64::from_le_bytes))
        .max();
    Description {
        plugin: "opencl",
        traits: DeviceTraits {
            device_num: 0,
            kinds: match kind {
                _ if kind & api::DEVICE_TYPE_GPU != 0 => words(&["nohost", "gpu"]),
                _ if kind & api::DEVICE_TYPE_CPU != 0 => words(&["nohost", "cpu"]),
                _ => words(&["nohost"]),
            },
            isas: words(&["spirv64"]),
            arch: "spirv64".to_owned(),
            // `Intel(R) Corporation` is `intel`.
            vendor: vendor
                .split(|c: char| !c.is_ascii_alphanumeric())
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase(),
            uid,
        },
        name,
        memory: number(api, device, device::GLOBAL_MEM_SIZE),
        units: number(api, device, device::MAX_COMPUTE_UNITS) as u32,
        max_threads: number(api, device, device::MAX_WORK_GROUP_SIZE).min(1 << 16) as u32,
        width: width.unwrap_or(1) as u32,
        driver: text(&answer(api, device, device::DRIVER_VERSION)),
    }
}

impl Shared {
    /// A call's outcome.
    fn check(code: i32, doing: &str) -> Result<()> {
        match code {
            0 => Ok(()),
            api::MEM_OBJECT_ALLOCATION_FAILURE
            | api::OUT_OF_RESOURCES
            | api::OUT_OF_HOST_MEMORY
            | api::INVALID_BUFFER_SIZE => Err(Failure::out_of_memory(format!(
                "{doing}: {}",
                error_name(code)
            ))),
            _ => Err(Failure::new(format!("{doing}: {}", error_name(code)))),
        }
    }

    fn allocate(&self, bytes: u64) -> Result<Address> {
        let mut code = 0;
        // SAFETY: any size may be asked for; the context is live.
        let block = unsafe {
            match self.usm {
                Some(usm) => (usm.allocate)(
                    self.context,
                    self.device,
                    null(),
                    bytes as usize,
                    0,
                    &mut code,
                ),
                None => (self.api.svm_alloc)(self.context, api::MEM_READ_WRITE, bytes as usize, 0),
            }
        };
        if block.is_null() {
            let why = match code {
                0 => "there is no room".to_owned(),
                _ => error_name(code),
            };
            return Err(Failure::out_of_memory(why));
        }
        Ok(block.expose_provenance() as Address)
    }

    /// Drivers do not bear to be called in the child of a fork, where things may still be dropped.
    fn is_usable(&self) -> bool {
        self.generation == omply_runtime::process_generation()
    }

    /// # Safety
    /// The address came from [`Shared::allocate`] and is not used any more.
    unsafe fn release(&self, address: Address) {
        // SAFETY: the caller's promise.
        unsafe {
            match self.usm {
                Some(usm) => {
                    // There is nothing to be done about a failure.
                    let _ = (usm.free)(self.context, pointer(address));
                }
                None => (self.api.svm_free)(self.context, pointer(address)),
            }
        }
    }
}

pub(super) fn pointer(address: Address) -> *mut c_void {
    std::ptr::with_exposed_provenance_mut(address as usize)
}

impl Driver for OpenCl {
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
            // SAFETY: a block of the pool that nobody uses.
            |address| unsafe { shared.release(address) },
        )
    }

    fn free(&self, address: Address) {
        self.shared.memory.free(address);
    }

    fn queue(&self) -> Result<Box<dyn Queue>> {
        Ok(Box::new(queue::CommandQueue::new(self.shared.clone())?))
    }

    fn load(&self, image: &Image) -> Result<Box<dyn Kernel>> {
        Ok(Box::new(program::Program::new(self.shared.clone(), image)?))
    }

    fn reaches_host_memory(&self) -> bool {
        self.reaches_host
    }

    fn handles(&self) -> Option<Handles> {
        Some(Handles {
            platform: self.platform,
            device: self.shared.device,
            context: self.shared.context,
        })
    }

    fn owns(&self, address: Address) -> bool {
        // Memory of other contexts would be of no use to kernels of this one.
        self.shared.memory.holds(address)
    }
}

#[cfg(test)]
mod tests {
    use super::newest_spirv;

    #[test]
    fn the_newest_version_counts() {
        assert_eq!(
            newest_spirv("SPIR-V_1.0 SPIR-V_1.4 SPIR-V_1.2"),
            Some((1, 4))
        );
        assert_eq!(newest_spirv("SPIR-V_1.10 SPIR-V_1.9"), Some((1, 10)));
        assert_eq!(newest_spirv(""), None);
    }
}
