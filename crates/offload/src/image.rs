//! Device code, from whoever compiles it. This crate knows no compiler: a program registers a source, which is asked for the code of
//! a region when a device first needs it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What code a device takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DeviceTarget {
    /// `sm`: compute capability, 90 for 9.0. `ptx`: the newest PTX version that the driver takes, 80 for 8.0.
    Nvptx { sm: u32, ptx: u32 },
    /// `gfx90a`, with features as the driver spells them (`gfx90a:sramecc+:xnack-`).
    Amdgpu { gfx: String },
    Spirv {
        /// The newest version that the driver takes.
        version: (u32, u32),
        /// SPIR-V extensions (`SPV_...`) that the driver is known to take.
        extensions: Vec<String>,
        fp64: bool,
        int64_atomics: bool,
        /// Atomic addition of doubles in global memory.
        fp64_atomic_add: bool,
        subgroups: bool,
    },
}

/// How a kernel uses the threads of a team, for people: launches are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KernelMode {
    /// All threads run the region's code.
    Spmd,
    /// One thread runs what is serial in it.
    Generic,
}

/// A region's code for a device.
#[derive(Clone, Debug)]
pub struct Image {
    /// PTX text, a code object, or SPIR-V.
    pub bytes: Vec<u8>,
    /// Name of the kernel.
    pub kernel: String,
    pub mode: KernelMode,
    /// Static shared memory of a team.
    pub shared_bytes: u32,
    /// Threads of a team that suit the kernel; 0: no preference.
    pub preferred_threads: u32,
    /// Its threads take arrays of their own from the record's heap.
    pub needs_heap: bool,
}

/// Compiles regions.
pub trait ImageSource: Send + Sync {
    /// The code of the region with that index. The text of an error is shown to the user.
    fn image(&self, index: u32, target: &DeviceTarget) -> Result<Arc<Image>, String>;

    /// What the region with that index is called, for people: `function:line`.
    fn name(&self, _index: u32) -> Option<String> {
        None
    }
}

type Sources = Mutex<Option<HashMap<u64, Arc<dyn ImageSource>>>>;

static SOURCES: Sources = Mutex::new(None);

/// Makes the regions of a module known; the number goes into their [`crate::Region`]s.
pub fn register_source(source: Arc<dyn ImageSource>) -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    // Relaxed: only its being unique counts.
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    SOURCES
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert_default()
        .insert(id, source);
    id
}

/// Forgets a module whose regions run no more, and the kernels that devices have of it.
pub fn unregister_source(id: u64) {
    let source = SOURCES
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert_default()
        .remove(&id);
    // Its destructor may register others.
    drop(source);
    for device in crate::registry::known() {
        device.forget_kernels(id);
    }
}

pub(crate) fn source(id: u64) -> Option<Arc<dyn ImageSource>> {
    SOURCES
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert_default()
        .get(&id)
        .cloned()
}
