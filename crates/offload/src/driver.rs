//! What a plugin implements: a device that allocates memory and makes queues and kernels, and a queue that does work in order.

use std::ffi::c_void;
use std::fmt;

use crate::image::{DeviceTarget, Image};
use omply_runtime::config::devices::DeviceTraits;

/// An address in a device's memory.
pub type Address = u64;

/// What a driver says when something has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Memory is exhausted: it may help to free some.
    pub out_of_memory: bool,
    pub text: String,
}

impl Failure {
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            out_of_memory: false,
            text: text.into(),
        }
    }

    pub fn out_of_memory(text: impl Into<String>) -> Self {
        Self {
            out_of_memory: true,
            text: text.into(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

pub type Result<T> = std::result::Result<T, Failure>;

/// What there is to know of a device, for selection and for people.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// The plugin.
    pub plugin: &'static str,
    /// What the vendor calls it.
    pub name: String,
    pub traits: DeviceTraits,
    /// Bytes of memory; 0: not known.
    pub memory: u64,
    /// Multiprocessors, compute units, cores.
    pub units: u32,
    /// Threads of a team at most.
    pub max_threads: u32,
    /// Threads that make progress together.
    pub width: u32,
    /// Version of the driver.
    pub driver: String,
}

/// Who else may be asked for a device's memory and queues: handles of the vendor's interface.
#[derive(Clone, Copy, Debug)]
pub struct Handles {
    pub platform: *mut c_void,
    pub device: *mut c_void,
    pub context: *mut c_void,
}

/// A device.
pub trait Driver: Send + Sync {
    fn description(&self) -> &Description;

    /// What code the device takes; `None`: the region's version for the host, with the device's addresses.
    fn target(&self) -> Option<&DeviceTarget>;

    /// At least `bytes` (more than 0) of memory, aligned to 256 bytes.
    fn allocate(&self, bytes: u64) -> Result<Address>;

    /// Frees what [`Driver::allocate`] gave. No queue uses it any more.
    fn free(&self, address: Address);

    fn queue(&self) -> Result<Box<dyn Queue>>;

    fn load(&self, image: &Image) -> Result<Box<dyn Kernel>>;

    /// May kernels use this memory of the host as it is?
    fn reaches_host_memory(&self) -> bool {
        false
    }

    fn handles(&self) -> Option<Handles> {
        None
    }

    /// Does the address lie in this device's memory, whoever has allocated it?
    fn owns(&self, address: Address) -> bool;

    /// Type and number of the device in DLPack's terms, where it has these.
    fn dlpack(&self) -> Option<(i32, i32)> {
        None
    }

    /// Waits for what another user of the vendor's interface has queued on its stream.
    fn wait_for(&self, _stream: u64) -> Result<()> {
        Ok(())
    }
}

/// A kernel that a device has loaded.
pub trait Kernel: Send + Sync {
    /// The driver's handle.
    fn handle(&self) -> *mut c_void;

    /// What the driver tells of the kernel.
    fn told(&self) -> &Told;
}

/// What a driver tells of a kernel.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Threads of a team at most, where the kernel's needs leave less than the device has.
    pub max_threads: u32,
    /// Registers, shared memory: for `OMPLY_TRACE` and `omply explain`.
    pub resources: String,
}

/// A kernel's teams and threads of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    pub teams: u32,
    pub threads: u32,
}

/// What a kernel and its launch tell each other; the kernel gets its address as its last parameter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Record {
    /// Of a failed check; 0: nothing has failed.
    pub status: i32,
    pub site: i32,
    pub args: [i64; 3],
    /// Memory from which threads take arrays of their own: where it begins, its size, and what is taken. None: 0.
    pub heap: Address,
    pub heap_bytes: u64,
    pub heap_used: u64,
    pub spare: u64,
}

const _: () = assert!(size_of::<Record>() == 64);

/// A queue of a device: work that is done in the order in which it was asked for. Copies and launches may return before the work is
/// done; host memory that they use must stay as it is until [`Queue::finish`] has returned.
pub trait Queue: Send + Sync {
    /// # Safety
    /// `from` is valid for reads of `bytes` until the next wait; the address is of memory of the device with room for them.
    unsafe fn copy_in(&self, to: Address, from: *const u8, bytes: u64) -> Result<()>;

    /// # Safety
    /// `to` is valid for writes of `bytes` until the next wait; the device has memory there.
    unsafe fn copy_out(&self, to: *mut u8, from: Address, bytes: u64) -> Result<()>;

    /// Copies within the device's memory; the ranges do not overlap.
    ///
    /// # Safety
    /// The device has memory there.
    unsafe fn within(&self, to: Address, from: Address, bytes: u64) -> Result<()>;

    /// # Safety
    /// The device has memory there.
    unsafe fn fill(&self, to: Address, value: u8, bytes: u64) -> Result<()>;

    /// `rows` pieces of `bytes`, each `pitch` bytes after the one before, in both memories.
    ///
    /// # Safety
    /// As [`Queue::copy_in`], for each row.
    unsafe fn rows_in(
        &self,
        to: Address,
        from: *const u8,
        (bytes, pitch, rows): (u64, u64, u64),
    ) -> Result<()> {
        for row in 0..rows {
            // SAFETY: the caller's promise.
            unsafe {
                self.copy_in(
                    to + row * pitch,
                    from.wrapping_add((row * pitch) as usize),
                    bytes,
                )?
            };
        }
        Ok(())
    }

    /// The other way round.
    ///
    /// # Safety
    /// As [`Queue::copy_out`], for each row.
    unsafe fn rows_out(
        &self,
        to: *mut u8,
        from: Address,
        (bytes, pitch, rows): (u64, u64, u64),
    ) -> Result<()> {
        for row in 0..rows {
            // SAFETY: the caller's promise.
            unsafe {
                self.copy_out(
                    to.wrapping_add((row * pitch) as usize),
                    from + row * pitch,
                    bytes,
                )?
            };
        }
        Ok(())
    }

    /// Launches a kernel with these words, and the address of the queue's record after them.
    ///
    /// # Safety
    /// The words are what the kernel expects.
    unsafe fn launch(&self, kernel: &dyn Kernel, grid: Grid, words: &[u64]) -> Result<()>;

    /// Waits for all work. Any thread may.
    fn finish(&self) -> Result<()>;

    /// What a kernel's check has recorded, after [`Queue::finish`]; the record is clear again. Only for the thread whose queue it is.
    fn record(&self) -> Record {
        Record::default()
    }

    /// How long the last kernel was on the device, in microseconds, after [`Queue::finish`]; only known while tracing is on.
    fn kernel_time(&self) -> Option<f64> {
        None
    }

    /// The driver's handle; null where there is none.
    fn handle(&self) -> *mut c_void;
}
