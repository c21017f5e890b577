//! Interoperability objects: what a device is to the vendor's interface, for programs that use it beside OpenMP. Objects are known by
//! numbers, so that one that has been destroyed, or never was one, is told from one that is in use. One for `targetsync` has a queue of
//! its own.

use std::collections::HashMap;
use std::ffi::{CStr, c_void};
use std::sync::{Arc, Mutex, PoisonError};

use omply_runtime::devices::{ForeignDevice, Interop};

use crate::abi::{DEFAULT_DEVICE, DEVICE_FAILED};
use crate::device::Device;
use crate::driver::Queue;
use crate::error::{self, DeviceError, ErrorKind};
use crate::region::Speaker;
use crate::registry::{self, Place};

/// Bits of what an object is for.
pub const TARGET: i64 = 1;
pub const TARGETSYNC: i64 = 2;

/// A foreign runtime: an `omp_interop_fr_t`.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Runtime {
    id: i32,
    name: &'static CStr,
}

const CUDA: Runtime = Runtime {
    id: 1,
    name: c"cuda",
};
const CUDA_DRIVER: Runtime = Runtime {
    id: 2,
    name: c"cuda_driver",
};
const OPENCL: Runtime = Runtime {
    id: 3,
    name: c"opencl",
};
const HIP: Runtime = Runtime {
    id: 5,
    name: c"hip",
};

/// Those that know a plugin's devices, the one that the plugin itself uses first.
fn runtimes(plugin: &str) -> &'static [Runtime] {
    match plugin {
        "cuda" => &[CUDA_DRIVER, CUDA],
        "hip" => &[HIP],
        "opencl" => &[OPENCL],
        _ => &[],
    }
}

/// The vendors that OpenMP has numbers for, as far as they make devices.
const VENDORS: [(&CStr, i32); 3] = [(c"amd", 1), (c"intel", 8), (c"nvidia", 11)];

struct Object {
    device: &'static Device,
    runtime: Runtime,
    queue: Option<Box<dyn Queue>>,
}

#[derive(Default)]
struct Objects {
    last: usize,
    known: Option<HashMap<usize, Arc<Object>>>,
}

static OBJECTS: Mutex<Objects> = Mutex::new(Objects {
    last: 0,
    known: None,
});

fn objects<T>(run: impl FnOnce(&mut usize, &mut HashMap<usize, Arc<Object>>) -> T) -> T {
    let mut objects = OBJECTS.lock().unwrap_or_else(PoisonError::into_inner);
    let Objects { last, known } = &mut *objects;
    run(last, known.get_or_insert_default())
}

fn find(object: usize) -> Option<Arc<Object>> {
    objects(|_, known| known.get(&object).cloned())
}

/// Makes an object for a device ([`DEFAULT_DEVICE`]: the default one). `prefer`: numbers of foreign runtimes, a byte each, the first in
/// the lowest. 0, `omp_interop_none`: none knows the device, as it is with the host.
pub fn init(device: i64, types: i64, prefer: i64) -> Result<usize, DeviceError> {
    let wanted = (device != DEFAULT_DEVICE).then_some(device);
    let Place::Device(device) = registry::place(wanted, Speaker::Interop)? else {
        return Ok(0);
    };
    let runtimes = runtimes(device.driver().description().plugin);
    let preferred = prefer
        .to_le_bytes()
        .into_iter()
        .find_map(|id| runtimes.iter().find(|runtime| runtime.id == i32::from(id)));
    let (Some(&runtime), Some(_)) = (preferred.or(runtimes.first()), device.driver().handles())
    else {
        return Ok(0);
    };
    let queue = if types & TARGETSYNC != 0 {
        let queue = device.driver().queue();
        Some(queue.map_err(|failure| device.error(ErrorKind::Device, "interop", &failure))?)
    } else {
        None
    };
    let object = Arc::new(Object {
        device,
        runtime,
        queue,
    });
    Ok(objects(|last, known| {
        *last += 1;
        known.insert(*last, object);
        *last
    }))
}

/// Waits for what a foreign runtime has queued on the object. False: there is no such object.
pub fn use_(object: usize) -> Result<bool, DeviceError> {
    let Some(found) = find(object) else {
        return Ok(object == 0);
    };
    wait(&found)?;
    Ok(true)
}

/// The same, and the object is one no more.
pub fn destroy(object: usize) -> Result<bool, DeviceError> {
    let Some(found) = objects(|_, known| known.remove(&object)) else {
        return Ok(object == 0);
    };
    wait(&found)?;
    Ok(true)
}

fn wait(object: &Object) -> Result<(), DeviceError> {
    let Some(queue) = &object.queue else {
        return Ok(());
    };
    queue
        .finish()
        .map_err(|failure| object.device.error(ErrorKind::Kernel, "interop", &failure))
}

/// What the routines tell of it.
pub(crate) fn properties(object: *const c_void) -> Option<Interop> {
    let found = find(object.addr())?;
    let description = found.device.driver().description();
    let handles = found.device.driver().handles()?;
    let vendor = VENDORS
        .iter()
        .find(|(name, _)| name.to_bytes() == description.traits.vendor.as_bytes());
    let device = if found.runtime == OPENCL {
        ForeignDevice::Handle(handles.device)
    } else {
        ForeignDevice::Number(handles.device.addr() as i32)
    };
    Some(Interop {
        runtime: found.runtime.id,
        runtime_name: found.runtime.name,
        vendor: vendor.map_or(0, |(_, number)| *number),
        vendor_name: vendor.map_or(c"unknown", |(name, _)| name),
        device_num: found.device.number(),
        platform: handles.platform,
        device,
        context: handles.context,
        targetsync: found
            .queue
            .as_ref()
            .map_or(std::ptr::null_mut(), |queue| queue.handle()),
    })
}

/// [`init`] for generated code; [`DEVICE_FAILED`]: [`crate::take_error`] has the reason.
#[unsafe(no_mangle)]
pub extern "C" fn omply_interop_init(device: i64, types: i64, prefer: i64) -> i64 {
    match init(device, types, prefer) {
        Ok(object) => object as i64,
        Err(found) => {
            error::keep(found);
            i64::from(DEVICE_FAILED)
        }
    }
}

/// [`use_`] (`last` 0) and [`destroy`] (1) for generated code. 1: done; 0: there is no such object, or the device has failed.
#[unsafe(no_mangle)]
pub extern "C" fn omply_interop_end(object: i64, last: i64) -> i32 {
    let object = object as usize;
    let done = if last != 0 {
        destroy(object)
    } else {
        use_(object)
    };
    i32::from(done.unwrap_or(false))
}
