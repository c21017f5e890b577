//! Task reductions: private copies of items for the threads that take part, and their combination when the group is over.
//!
//! A taskgroup with reduction items has a *set*: the items as Clang (or Omply) describes them, and for each item and each thread a
//! private copy, made and initialised when a task on that thread first asks for it. Tasks executed on one thread share its copy, one
//! on top of another, which is allowed as their results combine. A copy's pointer is read and written by its thread alone while tasks
//! run; the group's owner reads them when the group is over, which the group's count orders after all of its tasks. Threads of
//! other teams (a task may contain a region whose tasks take part) have copies in a list under a lock.
//!
//! `reduction(task, ...)` on a region or worksharing construct is a group for each thread, with a set of its own whose items are
//! the thread's private variables; the construct's own reduction combines these.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ffi::c_void;
use std::ptr::{from_ref, null_mut};
use std::sync::atomic::{AtomicPtr, Ordering};

use super::group::Group;
use crate::message;
use crate::process::ForkSafe;
use crate::team::Team;
use crate::thread::Thread;

/// How an item is reduced: with Clang's functions, whose parameters it describes here.
#[derive(Clone, Copy)]
pub struct Item {
    /// The item, which the copies are combined into.
    pub shared: *mut c_void,
    /// What the initialiser may look at.
    pub original: *mut c_void,
    pub size: usize,
    pub init: Init,
    /// Destroys a copy.
    pub fini: Option<unsafe extern "C" fn(*mut c_void)>,
    /// Combines the second into the first.
    pub combine: Option<unsafe extern "C" fn(*mut c_void, *mut c_void)>,
}

/// How a copy is initialised; copies are zero before.
#[derive(Clone, Copy)]
pub enum Init {
    Zero,
    /// Copy.
    Alone(unsafe extern "C" fn(*mut c_void)),
    /// Copy, original.
    From(unsafe extern "C" fn(*mut c_void, *mut c_void)),
}

/// A copy of a thread that is not in the group's team.
struct Foreign {
    gtid: i32,
    item: usize,
    copy: *mut c_void,
}

/// See the module's description.
pub struct Set {
    items: Box<[Item]>,
    team: *const Team,
    /// By thread number, then by item.
    copies: Box<[AtomicPtr<c_void>]>,
    foreign: ForkSafe<Vec<Foreign>>,
    /// The set that the group had before.
    previous: *mut Set,
}

// SAFETY: the pointers lead to what the program has said the threads share.
unsafe impl Send for Foreign {}

/// Copies of different threads are on different pairs of cache lines.
const APART: usize = 128;

impl Item {
    fn layout(&self) -> Layout {
        let size = self.size.max(1).next_multiple_of(APART);
        Layout::from_size_align(size, APART).unwrap_or_else(|_| {
            message::fatal(format_args!(
                "a reduction item of {} bytes is too large",
                self.size
            ))
        })
    }

    fn make_copy(&self) -> *mut c_void {
        // SAFETY: the size is not zero.
        let copy = unsafe { alloc_zeroed(self.layout()) }.cast::<c_void>();
        if copy.is_null() {
            handle_alloc_error(self.layout());
        }
        // SAFETY: the program's functions are for items of this size.
        unsafe {
            match self.init {
                Init::Zero => {}
                Init::Alone(init) => init(copy),
                Init::From(init) => init(copy, self.original),
            }
        }
        copy
    }

    /// Combines a copy into the item and ends it.
    ///
    /// # Safety
    /// The copy came from `make_copy`; nobody uses it or the item meanwhile.
    unsafe fn take_in(&self, copy: *mut c_void) {
        // SAFETY: the caller's promise.
        unsafe {
            if let Some(combine) = self.combine {
                combine(self.shared, copy);
            }
            if let Some(fini) = self.fini {
                fini(copy);
            }
            dealloc(copy.cast(), self.layout());
        }
    }
}

impl Set {
    /// Gives the current task's innermost group reduction items; returns a handle for its tasks.
    pub fn begin(thread: &'static Thread, items: Vec<Item>) -> *mut c_void {
        let Some(group) = thread.task.current().group() else {
            message::fatal("task reduction items were registered outside of any taskgroup");
        };
        let member = thread.member();
        let copies = items.len() * member.team_size.get() as usize;
        let set = Box::new(Set {
            items: items.into(),
            team: member.team(),
            copies: (0..copies).map(|_| AtomicPtr::default()).collect(),
            foreign: ForkSafe::new(Vec::new()),
            previous: group.reductions.get(),
        });
        group.reductions.set(Box::into_raw(set));
        from_ref(group).cast_mut().cast()
    }

    /// Which item `data` is: the item itself, or some thread's copy of it.
    fn find(&self, data: *mut c_void) -> Option<usize> {
        let found = self.items.iter().position(|item| item.shared == data);
        found.or_else(|| {
            let place = self.copies.iter().position(|copy| {
                // Acquire: only to compare, but the caller goes on to use what the pointer leads to.
                copy.load(Ordering::Acquire) == data
            });
            place.map(|place| place % self.items.len()).or_else(|| {
                let foreign = self.foreign.lock();
                let known = foreign.iter().find(|known| known.copy == data)?;
                Some(known.item)
            })
        })
    }

    /// The thread's copy of an item.
    fn copy(&self, thread: &Thread, number: usize) -> *mut c_void {
        let member = thread.member();
        let item = &self.items[number];
        let place = member.tid.get() as usize * self.items.len() + number;
        if std::ptr::eq(member.team(), self.team)
            && let Some(place) = self.copies.get(place)
        {
            // Relaxed: the thread's own.
            let mut copy = place.load(Ordering::Relaxed);
            if copy.is_null() {
                copy = item.make_copy();
                // Release: for threads that compare and find it to be theirs to read.
                place.store(copy, Ordering::Release);
            }
            return copy;
        }
        let gtid = thread.gtid.get();
        let is_ours = |known: &&Foreign| known.gtid == gtid && known.item == number;
        if let Some(known) = self.foreign.lock().iter().find(is_ours) {
            return known.copy;
        }
        // Not under the lock: the initialiser is the program's.
        let copy = item.make_copy();
        self.foreign.lock().push(Foreign {
            gtid,
            item: number,
            copy,
        });
        copy
    }

    /// Combines all copies into the items.
    fn finish(&self) {
        for (place, copy) in self.copies.iter().enumerate() {
            // Acquire: the group's count has ordered this already.
            let copy = copy.load(Ordering::Acquire);
            if !copy.is_null() {
                // SAFETY: the group's tasks are complete.
                unsafe { self.items[place % self.items.len()].take_in(copy) };
            }
        }
        for known in self.foreign.lock().drain(..) {
            // SAFETY: as above.
            unsafe { self.items[known.item].take_in(known.copy) };
        }
    }
}

/// The calling thread's copy of the item `data`, in the group of `handle` or, without one, of the current task, or in one around it.
///
/// # Safety
/// `handle` is null or came from [`Set::begin`], and its group is not over.
pub unsafe fn copy_of(thread: &Thread, handle: *mut c_void, data: *mut c_void) -> *mut c_void {
    let mut group = if handle.is_null() {
        thread.task.current().group.get()
    } else {
        handle.cast::<Group>().cast_const()
    };
    // SAFETY: the caller's promise; outer groups last longer.
    while let Some(here) = unsafe { group.as_ref() } {
        let mut set = here.reductions.get();
        // SAFETY: sets last as long as their group.
        while let Some(known) = unsafe { set.as_ref() } {
            if let Some(number) = known.find(data) {
                return known.copy(thread, number);
            }
            set = known.previous;
        }
        group = here.outer();
    }
    message::fatal(
        "an in_reduction item is no item of a task reduction in an enclosing taskgroup: name it in the task_reduction clause",
    )
}

/// The group's tasks are complete: its items get their values.
#[cold]
pub fn finish(group: &Group) {
    let mut set = group.reductions.replace(null_mut());
    while !set.is_null() {
        // SAFETY: made from a box by `Set::begin`, and nobody else knows it any more.
        let known = unsafe { Box::from_raw(set) };
        set = known.previous;
        known.finish();
    }
}
