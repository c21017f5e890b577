//! Streams: one for each thread that uses the device.
//!
//! A launch's record lies in pinned memory of the host that the device sees, so that a kernel without a failed check costs no copy. Kernels
//! that take memory from the record's heap use one in the device's memory instead: they would go through the bus for each piece.

use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use omply_runtime::config;

use super::functions::{
    CopyRows, CudaRows, CudaSide, DEVICE_TO_HOST, HOST_TO_DEVICE, Handle, MEMORY_OF_DEVICE,
    MEMORY_OF_HOST, NON_BLOCKING, PORTABLE_AND_MAPPED, SUCCESS,
};
use super::{Function, Shared};
use crate::driver::{Address, Grid, Kernel, Queue, Record, Result};
use crate::trace;

const RECORD: usize = size_of::<Record>();

pub(super) struct Stream {
    shared: Arc<Shared>,
    stream: Handle,
    /// In the host's memory.
    record: *mut Record,
    /// The same, for the device.
    record_address: Address,
    /// A record in the device's memory and the heap behind it, for kernels that need one.
    heap: OnceLock<Address>,
    /// The last launch used that one.
    used_heap: AtomicBool,
    /// Before and after the last kernel, where tracing is on.
    events: Option<[Handle; 2]>,
}

// SAFETY: streams may be used from any thread; the record is only touched by the owner, after it has waited.
unsafe impl Send for Stream {}
// SAFETY: as above.
unsafe impl Sync for Stream {}

impl Stream {
    pub fn new(shared: Arc<Shared>) -> Result<Self> {
        let mut made = Self {
            stream: null_mut(),
            record: null_mut(),
            record_address: 0,
            heap: OnceLock::new(),
            used_heap: AtomicBool::new(false),
            events: None,
            shared,
        };
        let functions = *made.shared.enter()?;
        // SAFETY: a valid place.
        let code = unsafe { (functions.create_stream)(&mut made.stream, NON_BLOCKING) };
        made.shared.check(code, "making a stream")?;
        let mut record = null_mut();
        // SAFETY: a valid place.
        let code =
            unsafe { (functions.allocate_on_host)(&mut record, RECORD, PORTABLE_AND_MAPPED) };
        made.shared.check(code, "allocating pinned memory")?;
        made.record = record.cast();
        // SAFETY: just allocated, with room for a record.
        unsafe { made.record.write(Record::default()) };
        // SAFETY: a valid place, and pinned memory.
        let code = unsafe { (functions.host_address)(&mut made.record_address, record, 0) };
        made.shared.check(code, "mapping pinned memory")?;
        if trace::is_on() {
            let mut events = [null_mut(); 2];
            for event in &mut events {
                // SAFETY: a valid place.
                let code = unsafe { (functions.create_event)(event, 0) };
                made.shared.check(code, "making an event")?;
            }
            made.events = Some(events);
        }
        Ok(made)
    }

    /// Readies the record with a heap for a launch, and gives its address.
    fn begin_heap(&self) -> Result<Address> {
        let bytes = config().device_heap as u64;
        let record = match self.heap.get() {
            Some(record) => *record,
            None => {
                let made = self.shared.allocate(RECORD as u64 + bytes)?;
                // Only this queue's thread launches.
                *self.heap.get_or_init(|| made)
            }
        };
        // The pinned record is free to be copied from: the last launch has been waited for.
        // SAFETY: room for a record; the copy ends before the kernel begins, which the owner waits for.
        unsafe {
            self.record.write(Record {
                heap: record + RECORD as u64,
                heap_bytes: bytes,
                ..Record::default()
            });
            self.copy_in(record, self.record.cast(), RECORD as u64)?;
        }
        Ok(record)
    }

    /// Marks the time before (0) or after (1) a kernel.
    fn mark(&self, which: usize) -> Result<()> {
        let Some(events) = self.events else {
            return Ok(());
        };
        let functions = self.shared.enter()?;
        // SAFETY: an event of ours, and a live stream.
        let code = unsafe { (functions.record_event)(events[which], self.stream) };
        self.shared.check(code, "recording an event")
    }

    /// Rows between the host and the device.
    ///
    /// # Safety
    /// As [`Queue::rows_in`] and [`Queue::rows_out`].
    unsafe fn copy_rows(
        &self,
        host: *mut u8,
        device: Address,
        (bytes, pitch, rows): (u64, u64, u64),
        to_device: bool,
    ) -> Result<()> {
        let functions = self.shared.enter()?;
        let (width, pitch, height) = (bytes as usize, pitch as usize, rows as usize);
        // SAFETY: the caller's promise; the description lives until the call returns.
        let code = unsafe {
            match functions.copy_rows {
                CopyRows::Cuda(copy) => {
                    let side = |kind| CudaSide {
                        x: 0,
                        y: 0,
                        kind,
                        host: if kind == MEMORY_OF_HOST {
                            host.cast()
                        } else {
                            null_mut()
                        },
                        device: if kind == MEMORY_OF_DEVICE { device } else { 0 },
                        array: null_mut(),
                        pitch,
                    };
                    let (from, to) = if to_device {
                        (MEMORY_OF_HOST, MEMORY_OF_DEVICE)
                    } else {
                        (MEMORY_OF_DEVICE, MEMORY_OF_HOST)
                    };
                    let rows = CudaRows {
                        from: side(from),
                        to: side(to),
                        width,
                        height,
                    };
                    copy(&rows, self.stream)
                }
                CopyRows::Hip(copy) => {
                    let there = std::ptr::with_exposed_provenance_mut(device as usize);
                    let (to, from, kind): (*mut c_void, *mut c_void, i32) = if to_device {
                        (there, host.cast(), HOST_TO_DEVICE)
                    } else {
                        (host.cast(), there, DEVICE_TO_HOST)
                    };
                    copy(to, pitch, from, pitch, width, height, kind, self.stream)
                }
            }
        };
        self.shared.check(code, "copying rows")
    }
}

impl Queue for Stream {
    unsafe fn copy_in(&self, to: Address, from: *const u8, bytes: u64) -> Result<()> {
        let functions = self.shared.enter()?;
        // SAFETY: the caller's promise.
        let code = unsafe { (functions.copy_in)(to, from.cast(), bytes as usize, self.stream) };
        self.shared.check(code, "copying to the device")
    }

    unsafe fn copy_out(&self, to: *mut u8, from: Address, bytes: u64) -> Result<()> {
        let functions = self.shared.enter()?;
        // SAFETY: the caller's promise.
        let code = unsafe { (functions.copy_out)(to.cast(), from, bytes as usize, self.stream) };
        self.shared.check(code, "copying from the device")
    }

    unsafe fn within(&self, to: Address, from: Address, bytes: u64) -> Result<()> {
        let functions = self.shared.enter()?;
        // SAFETY: the caller's promise.
        let code = unsafe { (functions.copy_within)(to, from, bytes as usize, self.stream) };
        self.shared.check(code, "copying within the device")
    }

    unsafe fn fill(&self, to: Address, value: u8, bytes: u64) -> Result<()> {
        let functions = self.shared.enter()?;
        // SAFETY: the caller's promise.
        let code = unsafe { (functions.fill)(to, value, bytes as usize, self.stream) };
        self.shared.check(code, "filling")
    }

    unsafe fn rows_in(&self, to: Address, from: *const u8, rows: (u64, u64, u64)) -> Result<()> {
        // SAFETY: the caller's promise.
        unsafe { self.copy_rows(from.cast_mut(), to, rows, true) }
    }

    unsafe fn rows_out(&self, to: *mut u8, from: Address, rows: (u64, u64, u64)) -> Result<()> {
        // SAFETY: the caller's promise.
        unsafe { self.copy_rows(to, from, rows, false) }
    }

    unsafe fn launch(&self, kernel: &dyn Kernel, grid: Grid, words: &[u64]) -> Result<()> {
        // SAFETY: this driver's kernels are functions, and give their own address.
        let function = unsafe { &*kernel.handle().cast::<Function>() };
        let record = if function.needs_heap {
            self.begin_heap()?
        } else {
            self.record_address
        };
        self.used_heap.store(function.needs_heap, Ordering::Relaxed);
        let mut parameters: Vec<*mut c_void> = words
            .iter()
            .chain([&record])
            .map(|word| std::ptr::from_ref(word).cast_mut().cast())
            .collect();
        self.mark(0)?;
        let functions = self.shared.enter()?;
        // SAFETY: as many parameters as the kernel has, each 8 bytes, which the driver copies.
        let code = unsafe {
            (functions.launch)(
                function.function,
                grid.teams,
                1,
                1,
                grid.threads,
                1,
                1,
                0,
                self.stream,
                parameters.as_mut_ptr(),
                null_mut(),
            )
        };
        self.shared.check(code, "launching")?;
        self.mark(1)
    }

    fn finish(&self) -> Result<()> {
        let functions = self.shared.enter()?;
        // SAFETY: a live stream.
        let code = unsafe { (functions.finish_stream)(self.stream) };
        self.shared.check(code, "waiting for the device")
    }

    fn record(&self) -> Record {
        if self.used_heap.swap(false, Ordering::Relaxed)
            && let Some(heap) = self.heap.get()
        {
            // SAFETY: room for a record on both sides; the copy is waited for.
            let copied = unsafe { self.copy_out(self.record.cast(), *heap, RECORD as u64) };
            // After a failure the pinned record still says that nothing has failed, and the kernel's failure has been told.
            let _ = copied.and_then(|()| self.finish());
        }
        // SAFETY: the record is ours, and the device has been waited for.
        unsafe {
            let record = self.record.read_volatile();
            self.record.write_volatile(Record::default());
            record
        }
    }

    fn kernel_time(&self) -> Option<f64> {
        let [before, after] = self.events?;
        let functions = self.shared.enter().ok()?;
        let mut milliseconds = 0.0f32;
        // SAFETY: a valid place; both events have been recorded, and waited for.
        let code = unsafe { (functions.elapsed)(&mut milliseconds, before, after) };
        (code == SUCCESS).then_some(f64::from(milliseconds) * 1e3)
    }

    fn handle(&self) -> *mut c_void {
        self.stream
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let Ok(functions) = self.shared.enter() else {
            return;
        };
        // There is nothing to be done about a failure.
        // SAFETY: all of it is ours, and given back once; the stream is waited for.
        unsafe {
            if !self.stream.is_null() {
                let _ = (functions.finish_stream)(self.stream);
                let _ = (functions.destroy_stream)(self.stream);
            }
            for event in self.events.into_iter().flatten() {
                let _ = (functions.destroy_event)(event);
            }
            if !self.record.is_null() {
                let _ = (functions.free_on_host)(self.record.cast());
            }
            if let Some(heap) = self.heap.get() {
                let _ = (functions.free)(*heap);
            }
        }
    }
}
