//! What the threads of a team share for one worksharing construct, beyond its iterations: zeroed memory that GCC's code asks
//! for (for `lastprivate(conditional:)`), and the arrays of task reductions (see `reduction`).
//!
//! Each construct has one entry, found by its number, made by the first thread that comes and removed by the last one that leaves. A
//! lock guards the entries: these constructs are rare, and their threads meet at a barrier anyway.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::null_mut;

use super::{Data, current, reduction};
use crate::process::ForkSafe;
use crate::team::Member;

struct Entry {
    construct: u32,
    memory: *mut u8,
    layout: Layout,
    /// The first thread's description of its task reductions.
    reductions: *mut usize,
    /// Threads that have yet to leave.
    users: u32,
}

impl Drop for Entry {
    fn drop(&mut self) {
        if !self.memory.is_null() {
            // SAFETY: allocated with this layout, and no thread uses it any more.
            unsafe { dealloc(self.memory, self.layout) };
        }
    }
}

/// A team's constructs of this kind that are under way.
pub struct TeamShared(ForkSafe<Vec<Entry>>);

impl Default for TeamShared {
    fn default() -> Self {
        Self(ForkSafe::new(Vec::new()))
    }
}

impl TeamShared {
    /// After a cancelled region, whose threads may not have left.
    pub fn clear(&self) {
        self.0.lock().clear();
    }
}

/// Zeroed memory, or none for size 0.
fn zeroed(size: usize) -> (*mut u8, Layout) {
    let Ok(layout) = Layout::from_size_align(size, 64) else {
        handle_alloc_error(Layout::new::<usize>())
    };
    if size == 0 {
        return (null_mut(), layout);
    }
    // SAFETY: the size is not zero.
    let memory = unsafe { alloc_zeroed(layout) };
    if memory.is_null() {
        handle_alloc_error(layout);
    }
    (memory, layout)
}

/// Readies this thread's part of the construct that it has just begun. `memory`, where not null, holds the size wanted, and gets
/// the address.
///
/// # Safety
/// As GCC calls it: `reductions` is null or describes task reductions.
pub(super) unsafe fn enter(reductions: *mut usize, memory: *mut Data) {
    if reductions.is_null() && memory.is_null() {
        return;
    }
    let member = current().member();
    let construct = member.workshares.get();
    let team = member.team();
    if !reductions.is_null() {
        reduction::group_start(member);
    }
    let mut entries = team.gomp.0.lock();
    let known = entries
        .iter()
        .position(|entry| entry.construct == construct);
    let index = known.unwrap_or_else(|| {
        // SAFETY: the caller's promise.
        let (memory, layout) = zeroed(unsafe { memory.as_ref() }.map_or(0, |size| *size as usize));
        entries.push(Entry {
            construct,
            memory,
            layout,
            reductions,
            users: member.team_size.get(),
        });
        entries.len() - 1
    });
    let entry = &entries[index];
    // SAFETY: the caller's promise; the first thread's description stays alive until the construct's last barrier.
    unsafe {
        if !memory.is_null() {
            *memory = entry.memory.cast();
        }
        if !reductions.is_null() {
            let first = known.map_or(null_mut(), |_| entry.reductions);
            reduction::register(member, reductions, first, member.team_size.get());
        }
    }
    member.gomp.shares_memory.set(true);
}

/// This thread leaves the construct.
pub(super) fn leave(member: &Member) {
    if !member.gomp.shares_memory.replace(false) {
        return;
    }
    let construct = member.workshares.get();
    let mut entries = member.team().gomp.0.lock();
    if let Some(index) = entries
        .iter()
        .position(|entry| entry.construct == construct)
    {
        entries[index].users -= 1;
        if entries[index].users == 0 {
            entries.swap_remove(index);
        }
    }
}
