//! What stands behind the `omp_*` routines about devices and their memory: the runtime asks here once [`install`] has been called.

use std::ffi::{CString, c_char, c_void};
use std::ptr::null_mut;
use std::sync::{Arc, OnceLock};

use omply_runtime::config::devices::DeviceTraits;
use omply_runtime::devices::{Devices, Interop, Place, Rows};

use crate::device::Device;
use crate::driver::{Address, Queue, Result};
use crate::interop;
use crate::registry;

/// Lets the runtime see the devices. They are looked for when they are first asked for.
pub fn install() {
    // A second call finds the same.
    let _ = omply_runtime::devices::register(&Known);
}

struct Known;

fn device(number: i32) -> Option<&'static Arc<Device>> {
    registry::device(number)
}

fn address(pointer: *const c_void) -> Address {
    pointer.expose_provenance() as Address
}

fn pointer(address: Address) -> *mut c_void {
    std::ptr::with_exposed_provenance_mut(address as usize)
}

impl Devices for Known {
    fn count(&self) -> i32 {
        registry::registry().devices.len() as i32
    }

    fn traits(&self) -> Vec<DeviceTraits> {
        let devices = registry::registry().devices.iter();
        devices.map(|device| device.traits()).collect()
    }

    fn uid(&self, number: i32) -> *const c_char {
        static UIDS: OnceLock<Vec<CString>> = OnceLock::new();
        let uids = UIDS.get_or_init(|| {
            let all = self.traits().into_iter();
            all.map(|traits| CString::new(traits.uid).unwrap_or_default())
                .collect()
        });
        let uid = usize::try_from(number).ok().and_then(|n| uids.get(n));
        uid.map_or(std::ptr::null(), |uid| uid.as_ptr())
    }

    fn progress_width(&self, number: i32) -> i32 {
        device(number).map_or(0, |device| device.driver().description().width as i32)
    }

    fn allocate(&self, number: i32, size: usize) -> *mut c_void {
        let address = device(number).and_then(|device| device.driver().allocate(size as u64).ok());
        address.map_or(null_mut(), pointer)
    }

    fn free(&self, number: i32, pointer: *mut c_void) {
        if let Some(device) = device(number) {
            device.driver().free(address(pointer));
        }
    }

    fn is_accessible(&self, number: i32, _host: *const c_void, _size: usize) -> bool {
        device(number).is_some_and(|device| device.driver().reaches_host_memory())
    }

    fn mapped(&self, number: i32, host: *const c_void) -> *mut c_void {
        device(number)
            .and_then(|device| device.mapped(host.addr()))
            .map_or(null_mut(), pointer)
    }

    fn associate(
        &self,
        number: i32,
        host: *const c_void,
        on_device: *const c_void,
        size: usize,
    ) -> bool {
        device(number).is_some_and(|device| {
            let mut data = device.data();
            data.table
                .associate(host.addr(), size as u64, address(on_device))
        })
    }

    fn disassociate(&self, number: i32, host: *const c_void) -> bool {
        device(number).is_some_and(|device| device.data().table.disassociate(host.addr()))
    }

    unsafe fn copy(&self, to: Place, from: Place, rows: &Rows) -> bool {
        // SAFETY: the caller's promise.
        unsafe { copy(to, from, rows) }.is_some_and(|done| done.is_ok())
    }

    unsafe fn fill(&self, number: i32, pointer: *mut c_void, value: u8, length: usize) -> bool {
        let fill = |device: &Device| {
            let queue = device.queue()?;
            // SAFETY: the caller's promise.
            unsafe { queue.fill(address(pointer), value, length as u64)? };
            queue.finish()
        };
        length == 0 || device(number).is_some_and(|device| fill(device).is_ok())
    }

    fn interop(&self, object: *const c_void) -> Option<Interop> {
        interop::properties(object)
    }

    fn pause(&self, number: i32) -> bool {
        device(number).is_some_and(|device| {
            device.clear();
            true
        })
    }
}

/// `None`: there is no such device.
///
/// # Safety
/// As [`Devices::copy`].
unsafe fn copy(to: Place, from: Place, rows: &Rows) -> Option<Result<()>> {
    let known = |place: Place| match place.1 {
        None => Some(None),
        Some(number) => device(number).map(Some),
    };
    // SAFETY: the caller's promise.
    unsafe {
        Some(match (known(to)?, known(from)?) {
            (Some(target), Some(source)) if !Arc::ptr_eq(target, source) => {
                between(target, source, (to.0, from.0), rows)
            }
            (Some(target), Some(_)) => with_queue(target, |queue| {
                each(rows, |at_to, at_from, length| {
                    queue.within(address(to.0) + at_to, address(from.0) + at_from, length)
                })
            }),
            (Some(target), None) => with_queue(target, |queue| {
                let host = from.0.cast_const().cast::<u8>();
                if rows.to_pitch == rows.from_pitch && rows.rows > 1 {
                    return queue.rows_in(address(to.0), host, even(rows));
                }
                each(rows, |at_to, at_from, length| {
                    let host = host.wrapping_add(at_from as usize);
                    queue.copy_in(address(to.0) + at_to, host, length)
                })
            }),
            (None, Some(source)) => with_queue(source, |queue| {
                let host = to.0.cast::<u8>();
                if rows.to_pitch == rows.from_pitch && rows.rows > 1 {
                    return queue.rows_out(host, address(from.0), even(rows));
                }
                each(rows, |at_to, at_from, length| {
                    let host = host.wrapping_add(at_to as usize);
                    queue.copy_out(host, address(from.0) + at_from, length)
                })
            }),
            // The runtime copies within the host.
            (None, None) => return None,
        })
    }
}

fn even(rows: &Rows) -> (u64, u64, u64) {
    (rows.length as u64, rows.to_pitch as u64, rows.rows as u64)
}

/// Calls `copy` with the offsets of each row in both places.
fn each(rows: &Rows, mut copy: impl FnMut(u64, u64, u64) -> Result<()>) -> Result<()> {
    (0..rows.rows).try_for_each(|row| {
        copy(
            (row * rows.to_pitch) as u64,
            (row * rows.from_pitch) as u64,
            rows.length as u64,
        )
    })
}

fn with_queue(device: &Device, run: impl FnOnce(&dyn Queue) -> Result<()>) -> Result<()> {
    let queue = device.queue()?;
    let done = run(&*queue);
    // Even after a failure nothing may be under way any more.
    queue.finish().and(done)
}

/// Through memory of the host: drivers of different vendors know nothing of each other.
///
/// # Safety
/// As [`Devices::copy`].
unsafe fn between(
    target: &Device,
    source: &Device,
    (to, from): (*mut c_void, *mut c_void),
    rows: &Rows,
) -> Result<()> {
    let mut row = vec![0u8; rows.length];
    each(rows, |at_to, at_from, length| {
        let buffer = row.as_mut_ptr();
        // SAFETY: the caller's promise; the buffer has room for a row, and both queues are waited for.
        unsafe {
            with_queue(source, |queue| {
                queue.copy_out(buffer, address(from) + at_from, length)
            })?;
            with_queue(target, |queue| {
                queue.copy_in(address(to) + at_to, buffer, length)
            })
        }
    })
}
