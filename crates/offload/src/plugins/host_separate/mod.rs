//! A device made of the host's processors with memory of its own: regions run their version for the host, but only see what has been
//! mapped. It is for tests: a forgotten map shows, and nothing else is needed.
//!
//! Fresh memory is filled with a pattern, so that a program which reads what it has not mapped `to` gets the same nonsense each time.
//! Freed memory is filled with another one.

use std::alloc::{Layout, alloc, dealloc};
use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::{Mutex, PoisonError};

use omply_runtime::config::{config, devices::DeviceTraits};

use crate::driver::{Address, Description, Driver, Failure, Grid, Kernel, Queue, Result};
use crate::image::{DeviceTarget, Image};

/// What allocations are aligned to, as drivers of devices do.
const ALIGNMENT: usize = 256;
/// Pattern of fresh memory.
const FRESH: u8 = 0xA5;
/// Pattern of freed memory.
const FREED: u8 = 0x5A;

/// One device.
pub fn find() -> std::result::Result<Vec<Box<dyn Driver>>, String> {
    Ok(vec![Box::new(Separate::default())])
}

/// See the module's description.
pub struct Separate {
    description: Description,
    blocks: Mutex<HashMap<Address, Layout>>,
}

impl Default for Separate {
    fn default() -> Self {
        let text = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let procs = config().num_procs.max(1) as u32;
        Self {
            description: Description {
                plugin: "host-separate",
                name: "the host with separate memory".to_owned(),
                traits: DeviceTraits {
                    device_num: 0,
                    kinds: text(&["nohost", "cpu"]),
                    isas: text(&[std::env::consts::ARCH]),
                    arch: std::env::consts::ARCH.to_owned(),
                    vendor: "omply".to_owned(),
                    uid: "host-separate-0".to_owned(),
                },
                memory: 0,
                units: procs,
                max_threads: procs,
                width: 1,
                driver: env!("CARGO_PKG_VERSION").to_owned(),
            },
            blocks: Mutex::default(),
        }
    }
}

impl Driver for Separate {
    fn description(&self) -> &Description {
        &self.description
    }

    fn target(&self) -> Option<&DeviceTarget> {
        None
    }

    fn allocate(&self, bytes: u64) -> Result<Address> {
        let too_much = || Failure::out_of_memory(format!("there is no room for {bytes} bytes"));
        let size = usize::try_from(bytes).map_err(|_| too_much())?;
        let layout = Layout::from_size_align(size.max(1), ALIGNMENT).map_err(|_| too_much())?;
        // SAFETY: the size is not zero.
        let block = unsafe { alloc(layout) };
        if block.is_null() {
            return Err(too_much());
        }
        // SAFETY: just allocated.
        unsafe { block.write_bytes(FRESH, layout.size()) };
        let address = block.expose_provenance() as Address;
        self.blocks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(address, layout);
        Ok(address)
    }

    fn free(&self, address: Address) {
        let layout = self
            .blocks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&address);
        if let Some(layout) = layout {
            let block = pointer(address);
            // SAFETY: allocated above with this layout, and freed once, as it was still known.
            unsafe {
                block.write_bytes(FREED, layout.size());
                dealloc(block, layout);
            }
        }
    }

    fn owns(&self, address: Address) -> bool {
        let blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        blocks
            .iter()
            .any(|(&start, layout)| (start..start + layout.size() as u64).contains(&address))
    }

    fn queue(&self) -> Result<Box<dyn Queue>> {
        Ok(Box::new(AtOnce))
    }

    fn load(&self, _image: &Image) -> Result<Box<dyn Kernel>> {
        Err(Failure::new("it has no kernels"))
    }
}

fn pointer(address: Address) -> *mut u8 {
    std::ptr::with_exposed_provenance_mut(address as usize)
}

/// Does everything at once.
struct AtOnce;

impl Queue for AtOnce {
    unsafe fn copy_in(&self, to: Address, from: *const u8, bytes: u64) -> Result<()> {
        // SAFETY: the caller's promise.
        unsafe { pointer(to).copy_from(from, bytes as usize) };
        Ok(())
    }

    unsafe fn copy_out(&self, to: *mut u8, from: Address, bytes: u64) -> Result<()> {
        // SAFETY: the caller's promise.
        unsafe { to.copy_from(pointer(from), bytes as usize) };
        Ok(())
    }

    unsafe fn within(&self, to: Address, from: Address, bytes: u64) -> Result<()> {
        // SAFETY: the caller's promise.
        unsafe { pointer(to).copy_from(pointer(from), bytes as usize) };
        Ok(())
    }

    unsafe fn fill(&self, to: Address, value: u8, bytes: u64) -> Result<()> {
        // SAFETY: the caller's promise.
        unsafe { pointer(to).write_bytes(value, bytes as usize) };
        Ok(())
    }

    unsafe fn launch(&self, _kernel: &dyn Kernel, _grid: Grid, _words: &[u64]) -> Result<()> {
        Err(Failure::new("it has no kernels"))
    }

    fn finish(&self) -> Result<()> {
        Ok(())
    }

    fn handle(&self) -> *mut c_void {
        std::ptr::null_mut()
    }
}
