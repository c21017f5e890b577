//! Storage for tasks: blocks in a few sizes, kept in lists by the threads that free them.
//!
//! For each size a thread has two lists of free blocks: one that it takes from and gives to without synchronisation, and a spare,
//! which is empty or a full batch. When the first runs out, the spare takes its place; then a batch comes from the process-wide
//! depot; and only when that is empty are new blocks made, a batch at a time, from memory that is never given back. When the first
//! list has grown to a batch it becomes the spare, and the spare of before goes to the depot: so blocks that one thread
//! frees and another needs find their way back. The memory is bounded by the most tasks that existed at one time and two
//! batches per thread and size, however many tasks there have been. Larger blocks come from the system's allocator and go back there.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::ptr::null_mut;

use crate::process::ForkSafe;
use crate::thread::Thread;

/// Sizes of blocks. Multiples of a cache line, on which blocks begin.
const SIZES: [usize; CLASSES] = [128, 192, 256, 512, 1024, 4096];
const CLASSES: usize = 6;
/// The class of blocks that come from the system's allocator; a line that tells its size precedes such a block.
const LARGE: u32 = CLASSES as u32;
const LINE: usize = 64;
/// Bytes in a batch.
const BATCH: usize = 16 * 1024;

/// Blocks in a batch: a table, because a division would cost more than all the rest.
const BATCHES: [usize; CLASSES] = {
    let mut blocks = [0; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        blocks[class] = BATCH / SIZES[class];
        class += 1;
    }
    blocks
};

/// A free block.
struct Free {
    next: *mut Free,
    /// In the first block of a batch in the depot: the next batch, and the number of blocks in this one.
    next_batch: *mut Free,
    count: usize,
}

struct Lists {
    head: Cell<*mut Free>,
    count: Cell<usize>,
    spare: Cell<*mut Free>,
}

/// A thread's free blocks.
pub struct Blocks([Lists; CLASSES]);

impl Default for Blocks {
    fn default() -> Self {
        Self(
            [const {
                Lists {
                    head: Cell::new(null_mut()),
                    count: Cell::new(0),
                    spare: Cell::new(null_mut()),
                }
            }; CLASSES],
        )
    }
}

/// First batch of each size.
pub struct Depot([*mut Free; CLASSES]);

pub static DEPOT: ForkSafe<Depot> = ForkSafe::new(Depot([null_mut(); CLASSES]));

/// The class for blocks of `size` bytes.
#[inline]
pub const fn class_of(size: usize) -> u32 {
    match size {
        0..=128 => 0,
        129..=192 => 1,
        193..=256 => 2,
        257..=512 => 3,
        513..=1024 => 4,
        1025..=4096 => 5,
        _ => LARGE,
    }
}

/// A block of at least `size` bytes, on a cache line, and its class. The contents are undefined.
#[inline]
pub fn allocate(thread: &Thread, size: usize) -> (*mut u8, u32) {
    let class = class_of(size);
    let Some(lists) = thread.task.blocks.0.get(class as usize) else {
        return (allocate_large(size), LARGE);
    };
    let mut head = lists.head.get();
    if head.is_null() {
        head = refill(lists, class as usize);
    }
    // SAFETY: the block is in this thread's list, so it is free, and its first word is the list's.
    lists.head.set(unsafe { (*head).next });
    lists.count.set(lists.count.get() - 1);
    (head.cast(), class)
}

/// A block's size.
///
/// # Safety
/// The block came from [`allocate`] with that class.
pub unsafe fn size(block: *const u8, class: u32) -> usize {
    match SIZES.get(class as usize) {
        Some(size) => *size,
        // SAFETY: the line before a large block tells its size.
        None => unsafe { block.sub(LINE).cast::<usize>().read() - LINE },
    }
}

/// Gives a block back. `thread`: the calling one, where it is known.
///
/// # Safety
/// The block came from [`allocate`] with that class and is not used any more.
#[inline]
pub unsafe fn free(thread: Option<&Thread>, block: *mut u8, class: u32) {
    if class == LARGE {
        // SAFETY: the caller's promise.
        return unsafe { free_large(block) };
    }
    let block = block.cast::<Free>();
    let Some(thread) = thread else {
        // SAFETY: the block is free, and large enough.
        unsafe {
            (*block).next = null_mut();
            return give(class as usize, block, 1);
        }
    };
    let lists = &thread.task.blocks.0[class as usize];
    // SAFETY: the block is free, and large enough.
    unsafe { (*block).next = lists.head.get() };
    lists.head.set(block);
    lists.count.set(lists.count.get() + 1);
    if lists.count.get() == BATCHES[class as usize] {
        retire(lists, class as usize);
    }
}

/// The first list is full: it becomes the spare.
#[cold]
#[inline(never)]
fn retire(lists: &Lists, class: usize) {
    let spare = lists.spare.replace(lists.head.replace(null_mut()));
    lists.count.set(0);
    if !spare.is_null() {
        // SAFETY: the spare is a batch of free blocks, which nobody else knows.
        unsafe { give(class, spare, BATCHES[class]) };
    }
}

/// # Safety
/// `first` begins a list of `count` free blocks.
#[cold]
#[inline(never)]
unsafe fn give(class: usize, first: *mut Free, count: usize) {
    let mut depot = DEPOT.lock();
    // SAFETY: the caller's promise.
    unsafe {
        (*first).next_batch = depot.0[class];
        (*first).count = count;
    }
    depot.0[class] = first;
}

/// Fills the empty first list and returns its head.
#[cold]
#[inline(never)]
fn refill(lists: &Lists, class: usize) -> *mut Free {
    let mut count = BATCHES[class];
    let mut head = lists.spare.replace(null_mut());
    if head.is_null() {
        let mut depot = DEPOT.lock();
        head = depot.0[class];
        if !head.is_null() {
            // SAFETY: batches in the depot belong to whoever holds its lock.
            unsafe {
                depot.0[class] = (*head).next_batch;
                count = (*head).count;
            }
        }
    }
    if head.is_null() {
        head = new_batch(class);
    }
    lists.head.set(head);
    lists.count.set(count);
    head
}

fn new_batch(class: usize) -> *mut Free {
    let (size, count) = (SIZES[class], BATCHES[class]);
    let memory = system(size * count);
    for index in 0..count {
        let next = if index + 1 < count {
            memory.wrapping_add((index + 1) * size)
        } else {
            null_mut()
        };
        // SAFETY: the block lies within the memory just allocated.
        unsafe {
            memory.add(index * size).cast::<Free>().write(Free {
                next: next.cast(),
                next_batch: null_mut(),
                count: 0,
            });
        }
    }
    memory.cast()
}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, LINE)
        .unwrap_or_else(|_| handle_alloc_error(Layout::new::<Free>()))
}

fn system(size: usize) -> *mut u8 {
    let layout = layout(size);
    // SAFETY: the size is not zero.
    let memory = unsafe { alloc(layout) };
    if memory.is_null() {
        handle_alloc_error(layout);
    }
    memory
}

#[cold]
#[inline(never)]
fn allocate_large(size: usize) -> *mut u8 {
    let total = size.saturating_add(LINE);
    let memory = system(total);
    // SAFETY: the first line holds the size.
    unsafe {
        memory.cast::<usize>().write(total);
        memory.add(LINE)
    }
}

/// # Safety
/// The block came from [`allocate_large`].
#[cold]
#[inline(never)]
unsafe fn free_large(block: *mut u8) {
    // SAFETY: the caller's promise.
    unsafe {
        let memory = block.sub(LINE);
        dealloc(memory, layout(memory.cast::<usize>().read()));
    }
}
