//! Copies of tasks, from which a replayed taskgraph makes tasks again.
//!
//! An image is what follows the node in a task's block: the part that Clang's code knows, or the job, with the private data behind it.
//! It is copied bytewise, so data that need more than that have no image. A task made from an image keeps, in the last words of
//! its block, what it is a step of.

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr::from_ref;

use super::graph::Place;
use super::group::Group;
use super::kmp;
use super::node::{Node, flag};
use super::{block, job};
use crate::thread::Thread;

/// Renews the data of a task that is being made: its captures, what the construct was given.
pub type Refresh = unsafe extern "C" fn(*mut c_void, *mut c_void);

/// See the module's description.
pub struct Image {
    /// In words, so that it is aligned.
    content: Box<[u64]>,
    flags: u32,
    priority: i32,
    refresh: Option<Refresh>,
    /// Where in the content the pointers to shared variables are; of Clang's tasks.
    shareds: Option<isize>,
}

// SAFETY: the pointers in the content are the program's.
unsafe impl Send for Image {}
// SAFETY: as above.
unsafe impl Sync for Image {}

const KEPT: u32 = flag::CLANGS | flag::JOB;
const PLACE: usize = size_of::<Place>();

impl Image {
    /// `None`: the task cannot be made again from a copy.
    ///
    /// # Safety
    /// The task has not been handed over.
    pub unsafe fn of(node: &Node) -> Option<Self> {
        const NEVER: u32 = flag::DESTRUCTORS | flag::DETACHABLE | flag::UNDEFERRED | flag::IN_FRAME;
        if node.has(NEVER) {
            return None;
        }
        let source = from_ref(node).cast::<u8>();
        let class = node.flags.get() >> flag::CLASS_SHIFT;
        // SAFETY: tasks that are not in a frame begin a block of that class, which is initialised as far as anybody reads it.
        let content = unsafe {
            let size = block::size(source, class) - size_of::<Node>();
            let mut content = vec![0_u64; size.div_ceil(8)].into_boxed_slice();
            let content_bytes = content.as_mut_ptr().cast::<u8>();
            content_bytes.copy_from_nonoverlapping(source.add(size_of::<Node>()), size);
            content
        };
        let extra = node.extra_if_any();
        let shareds = if node.has(flag::JOB) {
            None
        } else {
            // SAFETY: the node is that of a task of Clang's.
            unsafe { kmp::shareds(node) }
        };
        Some(Self {
            content,
            flags: node.flags.get() & KEPT,
            priority: extra.map_or(0, |extra| extra.priority.get()),
            refresh: extra.and_then(|extra| extra.depends.refresh.get()),
            shareds,
        })
    }

    /// Makes the task, as a step of a replay if `place` says which, a child of `parent`, which `thread` executes, or a child of which it has just completed.
    ///
    /// # Safety
    /// As said; the private data may be used again.
    pub unsafe fn make(
        &self,
        thread: &'static Thread,
        parent: &Node,
        group: *const Group,
        place: Option<Place>,
        environment: *mut c_void,
    ) -> &'static Node {
        let size = self.content.len() * 8;
        let (memory, class) = block::allocate(thread, size_of::<Node>() + size + PLACE);
        let replayed = if place.is_some() { flag::REPLAYED } else { 0 };
        let flags = self.flags | replayed | class << flag::CLASS_SHIFT;
        // SAFETY: the block holds the node, its content, and the place.
        unsafe {
            let node: &'static Node = Node::begin_for(memory.cast(), parent, thread, flags);
            let content = memory.add(size_of::<Node>());
            content.copy_from_nonoverlapping(self.content.as_ptr().cast(), size);
            node.group.set(group);
            if let Some(group) = node.group() {
                group.add(thread);
            }
            if let Some(place) = place {
                place_at(node).write_unaligned(place);
            }
            let captures = if node.has(flag::JOB) {
                job::relocate(node)
            } else {
                kmp::relocate(node, self.shareds)
            };
            if let Some(refresh) = self.refresh {
                refresh(captures, environment);
            }
            if node.has(flag::PRIORITY) {
                node.extra().priority.set(self.priority);
            }
            node
        }
    }
}

fn place_at(node: &Node) -> *mut Place {
    let start = from_ref(node).cast_mut().cast::<u8>();
    let class = node.flags.get() >> flag::CLASS_SHIFT;
    // SAFETY: replayed tasks begin a block of that class, whose end the place is at.
    unsafe { start.add(block::size(start, class) - PLACE).cast() }
}

/// What a replayed task is a step of.
///
/// # Safety
/// The task is such a task.
pub unsafe fn place(node: &Node) -> Place {
    // SAFETY: written when the task was made.
    unsafe { place_at(node).read_unaligned() }
}

/// The slot in which a task keeps its `Refresh` until it is noted.
pub type RefreshSlot = Cell<Option<Refresh>>;
