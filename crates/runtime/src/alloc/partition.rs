//! Memory partitioners: procedures of the program that decide how an allocation's pages are spread over the storage resources
//! of its memory space.
//!
//! A partition is computed by the program's `compute_proc`, which makes it with `omp_init_mempartition` and fills it with
//! `omp_mempartition_set_part`. With the dynamic lifetime one is made for each allocation and released once the pages
//! have been placed; with the static and the allocator's lifetime the one made last for an allocator is kept and serves
//! following allocations of the same size, until another size is asked for or the allocator is destroyed.

use std::cell::Cell;
use std::ffi::c_void;

use super::space::{Space, page_size};
use super::table::Table;
use crate::process::ForkSafe;

/// `omp_mempartitioner_compute_proc_t` and `omp_mempartitioner_release_proc_t`.
pub type ComputeProc = unsafe extern "C-unwind" fn(usize, usize, usize, *mut usize);
pub type ReleaseProc = unsafe extern "C-unwind" fn(*mut usize);

/// `omp_mempartitioner_lifetime_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    Static = 1,
    Allocator = 2,
    Dynamic = 3,
}

impl Lifetime {
    pub fn from_raw(raw: i32) -> Option<Self> {
        [Self::Static, Self::Allocator, Self::Dynamic]
            .into_iter()
            .find(|lifetime| *lifetime as i32 == raw)
    }
}

#[derive(Clone, Copy)]
pub struct Partitioner {
    pub lifetime: Lifetime,
    pub compute: ComputeProc,
    pub release: Option<ReleaseProc>,
}

/// Part of an allocation: the resource of the memory space, and bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub resource: usize,
    pub size: usize,
}

/// What a `omp_mempartition_t` names.
pub(crate) struct MemPartition {
    space: Space,
    parts: ForkSafe<Vec<Option<Part>>>,
    user_data: *const c_void,
}

// SAFETY: the program's own datum is only handed back to it.
unsafe impl Sync for MemPartition {}
// SAFETY: as above.
unsafe impl Send for MemPartition {}

pub(crate) static PARTITIONERS: Table<Partitioner, 1024> = Table::new();
pub(crate) static PARTITIONS: Table<MemPartition, 4096> = Table::new();

/// A partition that is kept for an allocator's next allocation of that size.
pub(crate) struct Kept {
    allocator: usize,
    size: usize,
    partition: usize,
    release: Option<ReleaseProc>,
}
pub(crate) static KEPT: ForkSafe<Vec<Kept>> = ForkSafe::new(Vec::new());

thread_local! {
    /// The memory space for which this thread is having a partition computed.
    static COMPUTING: Cell<Option<Space>> = const { Cell::new(None) };
}

pub fn is_partitioner(handle: usize) -> bool {
    // SAFETY: only compared with null.
    unsafe { PARTITIONERS.get(handle) }.is_some()
}

/// Makes a partition of `parts` parts; only within a `compute_proc`. `None`: called elsewhere, or too many exist.
pub fn init_partition(parts: usize, user_data: *const c_void) -> Option<usize> {
    let space = COMPUTING.get()?;
    // More parts than memory has pages are a slip.
    let mut list = Vec::new();
    list.try_reserve_exact(parts).ok()?;
    list.resize(parts, None);
    PARTITIONS.insert(MemPartition {
        space,
        parts: ForkSafe::new(list),
        user_data,
    })
}

pub fn destroy_partition(handle: usize) {
    PARTITIONS.remove(handle);
}

/// Says where a part goes and how large it is. False: there is no such partition, part or resource, or all parts but
/// the last must consist of whole pages and this one does not.
pub fn set_part(handle: usize, part: usize, resource: i32, size: usize) -> bool {
    // SAFETY: the partition belongs to the procedure that calls.
    let Some(partition) = (unsafe { PARTITIONS.get(handle) }) else {
        return false;
    };
    let mut parts = partition.parts.lock();
    let Ok(resource) = usize::try_from(resource) else {
        return false;
    };
    let last = part + 1 == parts.len();
    if part >= parts.len()
        || resource >= partition.space.nodes().len()
        || size == 0
        || !(last || size.is_multiple_of(page_size()))
    {
        return false;
    }
    parts[part] = Some(Part { resource, size });
    true
}

pub fn user_data(handle: usize) -> *const c_void {
    // SAFETY: the partition belongs to the procedure that calls.
    unsafe { PARTITIONS.get(handle) }.map_or(std::ptr::null(), |partition| partition.user_data)
}

/// The parts for an allocation of `size` bytes through `allocator`; `None`: the procedure has not given a whole partition.
pub fn parts(
    partitioner: usize,
    argument: usize,
    allocator: usize,
    space: Space,
    size: usize,
) -> Option<Vec<Part>> {
    // SAFETY: a partitioner outlives the allocators that use it.
    let partitioner = *unsafe { PARTITIONERS.get(partitioner) }?;
    let is_kept = |kept: &Kept| kept.allocator == allocator && kept.size == size;
    if partitioner.lifetime != Lifetime::Dynamic
        && let Some(kept) = KEPT.lock().iter().find(|kept| is_kept(kept))
    {
        return whole(kept.partition, size);
    }
    let mut partition = 0;
    let outer = COMPUTING.replace(Some(space));
    // SAFETY: the procedure was given for this purpose.
    unsafe { (partitioner.compute)(space.handle, size, argument, &mut partition) };
    COMPUTING.set(outer);
    let parts = whole(partition, size);
    if partitioner.lifetime == Lifetime::Dynamic || parts.is_none() {
        release(partition, partitioner.release);
    } else {
        forget(allocator);
        KEPT.lock().push(Kept {
            allocator,
            size,
            partition,
            release: partitioner.release,
        });
    }
    parts
}

/// The partition's parts, if all are set and they hold `size` bytes.
fn whole(partition: usize, size: usize) -> Option<Vec<Part>> {
    // SAFETY: nobody but the caller knows the partition.
    let partition = unsafe { PARTITIONS.get(partition) }?;
    let parts: Vec<Part> = partition
        .parts
        .lock()
        .iter()
        .copied()
        .collect::<Option<_>>()?;
    let sum = parts
        .iter()
        .try_fold(0usize, |sum, part| sum.checked_add(part.size))?;
    (sum >= size).then_some(parts)
}

fn release(mut partition: usize, release: Option<ReleaseProc>) {
    if let Some(release) = release
        && partition != 0
    {
        // SAFETY: the procedure was given for this purpose.
        unsafe { release(&mut partition) };
    }
    // Where the procedure has not done it.
    PARTITIONS.remove(partition);
}

/// Releases what is kept for an allocator.
pub fn forget(allocator: usize) {
    loop {
        // Without the lock while the program's procedure runs.
        let kept = {
            let mut all = KEPT.lock();
            let Some(index) = all.iter().position(|kept| kept.allocator == allocator) else {
                return;
            };
            all.swap_remove(index)
        };
        release(kept.partition, kept.release);
    }
}
