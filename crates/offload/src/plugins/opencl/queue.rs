//! Command queues: in order, one for each thread that uses the device.

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};

use omply_runtime::config;

use super::api::{self, Handle};
use super::program::Program;
use super::{Shared, pointer};
use crate::driver::{Address, Failure, Grid, Kernel, Queue, Record, Result};
use crate::trace;

pub(super) struct CommandQueue {
    shared: Arc<Shared>,
    queue: Handle,
    record: Address,
    /// The record is in the host's memory.
    readable: bool,
    /// For kernels that need one; made for the first.
    heap: OnceLock<Address>,
    /// The last kernel's event, where tracing is on.
    event: AtomicPtr<c_void>,
}

// SAFETY: OpenCL's queues may be used from any thread.
unsafe impl Send for CommandQueue {}
// SAFETY: as above; only the owner asks for the record.
unsafe impl Sync for CommandQueue {}

impl CommandQueue {
    pub fn new(shared: Arc<Shared>) -> Result<Self> {
        let mut code = 0;
        let timed = [api::QUEUE_PROPERTIES, api::QUEUE_PROFILING, 0];
        let properties = if trace::is_on() {
            timed.as_ptr()
        } else {
            null()
        };
        // SAFETY: a live context and its device; no properties, or a list that ends with 0.
        let queue = unsafe {
            (shared.api.create_queue)(shared.context, shared.device, properties, &mut code)
        };
        Shared::check(code, "clCreateCommandQueueWithProperties")?;
        let size = size_of::<Record>();
        let on_host = shared.usm.map_or(null_mut(), |usm| {
            // SAFETY: a live context; any size may be asked for.
            unsafe { (usm.allocate_on_host)(shared.context, null(), size, 64, &mut code) }
        });
        let readable = !on_host.is_null();
        let record = if readable {
            on_host.expose_provenance() as Address
        } else {
            shared.allocate(size as u64)?
        };
        let made = Self {
            shared,
            queue,
            record,
            readable,
            heap: OnceLock::new(),
            event: AtomicPtr::default(),
        };
        made.clear_record()?;
        Ok(made)
    }

    /// The last kernel's event; releases the one before.
    fn remember(&self, event: Handle) {
        // Only this queue's thread launches, and asks for times.
        let before = self.event.swap(event, Ordering::Relaxed);
        if !before.is_null() {
            // SAFETY: our event, released once.
            unsafe { (self.shared.api.release_event)(before) };
        }
    }

    fn clear_record(&self) -> Result<()> {
        self.write_record(&Record::default())
    }

    /// No kernel of the queue runs.
    fn write_record(&self, record: &Record) -> Result<()> {
        if self.readable {
            // SAFETY: the host's memory, with room for a record.
            unsafe { pointer(self.record).cast::<Record>().write(*record) };
            return Ok(());
        }
        let from = std::ptr::from_ref(record).cast();
        // SAFETY: the record's memory; the copy is waited for.
        unsafe { self.copy_in(self.record, from, size_of::<Record>() as u64)? };
        self.finish()
    }

    /// A record that names the heap, all of it free.
    fn with_heap(&self) -> Result<Record> {
        let bytes = config().device_heap as u64;
        let heap = match self.heap.get() {
            Some(heap) => *heap,
            None => {
                let made = self.shared.allocate(bytes)?;
                // Only this queue's thread launches.
                *self.heap.get_or_init(|| made)
            }
        };
        Ok(Record {
            heap,
            heap_bytes: bytes,
            ..Record::default()
        })
    }

    /// # Safety
    /// Both ranges are valid until the queue is waited for.
    unsafe fn copy(&self, to: *mut c_void, from: *const c_void, bytes: u64) -> Result<()> {
        let copy = self
            .shared
            .usm
            .map_or(self.shared.api.svm_copy, |usm| usm.copy);
        // SAFETY: the caller's promise.
        let code = unsafe {
            copy(
                self.queue,
                0,
                to,
                from,
                bytes as usize,
                0,
                null(),
                null_mut(),
            )
        };
        Shared::check(code, "copying")
    }
}

impl Queue for CommandQueue {
    unsafe fn copy_in(&self, to: Address, from: *const u8, bytes: u64) -> Result<()> {
        // SAFETY: the caller's promise.
        unsafe { self.copy(pointer(to), from.cast(), bytes) }
    }

    unsafe fn copy_out(&self, to: *mut u8, from: Address, bytes: u64) -> Result<()> {
        // SAFETY: the caller's promise.
        unsafe { self.copy(to.cast(), pointer(from), bytes) }
    }

    unsafe fn within(&self, to: Address, from: Address, bytes: u64) -> Result<()> {
        // SAFETY: the caller's promise.
        unsafe { self.copy(pointer(to), pointer(from), bytes) }
    }

    unsafe fn fill(&self, to: Address, value: u8, bytes: u64) -> Result<()> {
        let fill = self
            .shared
            .usm
            .map_or(self.shared.api.svm_fill, |usm| usm.fill);
        // SAFETY: the caller's promise; the pattern is copied.
        let code = unsafe {
            fill(
                self.queue,
                pointer(to),
                (&raw const value).cast(),
                1,
                bytes as usize,
                0,
                null(),
                null_mut(),
            )
        };
        Shared::check(code, "filling")
    }

    unsafe fn launch(&self, kernel: &dyn Kernel, grid: Grid, words: &[u64]) -> Result<()> {
        // SAFETY: this driver's kernels are programs, and give their own address.
        let program = unsafe { &*kernel.handle().cast::<Program>() };
        let api = &self.shared.api;
        if program.needs_heap {
            self.write_record(&self.with_heap()?)?;
        }
        let _arguments = program
            .arguments
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for (index, word) in (0..).zip(words.iter().chain([&self.record])) {
            // SAFETY: an argument of 8 bytes.
            let code = unsafe {
                (api.set_argument)(program.kernel, index, 8, std::ptr::from_ref(word).cast())
            };
            Shared::check(code, "clSetKernelArg")?;
        }
        if self.shared.usm.is_none() {
            let mut blocks = self.shared.memory.used();
            blocks.push(self.record);
            blocks.extend(self.heap.get());
            // SAFETY: the list is as long as said.
            let code = unsafe {
                (api.set_exec_info)(
                    program.kernel,
                    api::KERNEL_EXEC_INFO_SVM_PTRS,
                    size_of_val(&blocks[..]),
                    blocks.as_ptr().cast(),
                )
            };
            Shared::check(code, "clSetKernelExecInfo")?;
        }
        let threads = grid.threads as usize;
        let Some(all) = threads.checked_mul(grid.teams as usize) else {
            return Err(Failure::new("too many threads"));
        };
        let mut event = null_mut();
        let place = if trace::is_on() {
            &raw mut event
        } else {
            null_mut()
        };
        // SAFETY: one dimension, and sizes for it.
        let code = unsafe {
            (api.enqueue_kernel)(
                self.queue,
                program.kernel,
                1,
                null(),
                &all,
                &threads,
                0,
                null(),
                place,
            )
        };
        self.remember(event);
        Shared::check(code, "clEnqueueNDRangeKernel")
    }

    fn finish(&self) -> Result<()> {
        // SAFETY: a live queue.
        Shared::check(unsafe { (self.shared.api.finish)(self.queue) }, "clFinish")
    }

    fn record(&self) -> Record {
        let mut record = Record::default();
        if self.readable {
            // SAFETY: the host's memory, and no kernel of this queue runs.
            record = unsafe { pointer(self.record).cast::<Record>().read_volatile() };
        } else {
            let to = (&raw mut record).cast();
            // SAFETY: room for a record on both sides; the copy is waited for.
            let copied = unsafe { self.copy_out(to, self.record, size_of::<Record>() as u64) };
            if copied.and_then(|()| self.finish()).is_err() {
                return Record::default();
            }
        }
        // A record that cannot be cleared shows up again with the next kernel, which is better than to lose one.
        if record.status != 0 {
            let _ = self.clear_record();
        }
        record
    }

    fn kernel_time(&self) -> Option<f64> {
        let event = self.event.load(Ordering::Relaxed);
        if event.is_null() {
            return None;
        }
        let at = |what| {
            let mut time = 0u64;
            // SAFETY: our event, which has been waited for; room for a number.
            let code = unsafe {
                (self.shared.api.event_times)(event, what, 8, (&raw mut time).cast(), null_mut())
            };
            (code == 0).then_some(time)
        };
        let time = at(api::COMMAND_END)?.saturating_sub(at(api::COMMAND_START)?);
        Some(time as f64 * 1e-3)
    }

    fn handle(&self) -> *mut c_void {
        self.queue
    }
}

impl Drop for CommandQueue {
    fn drop(&mut self) {
        if !self.shared.is_usable() {
            return;
        }
        self.remember(null_mut());
        // SAFETY: the queue and the record are ours; whoever used them has waited.
        unsafe {
            (self.shared.api.finish)(self.queue);
            (self.shared.api.release_queue)(self.queue);
            self.shared.release(self.record);
            if let Some(heap) = self.heap.get() {
                self.shared.release(*heap);
            }
        }
    }
}
