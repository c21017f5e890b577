//! `task`, `taskwait`, `taskgroup`. A task of GCC's is a function and a block of data; it becomes one of Clang's, whose private part
//! holds the function, the task reductions that the generating task sees, and a copy of the data.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr::null;

use super::super::kmpc_depend::*;
use super::super::kmpc_task::*;
use super::reduction;
use super::{Data, GompFunction, current};
use crate::task::graph;
use crate::task::kmp::KmpTask;
use crate::thread::Thread;

/// `copy(destination, source)`: what GCC passes where the data cannot be copied bytewise.
pub type CopyFunction = unsafe extern "C-unwind" fn(Data, Data);

/// GCC's flags.
pub(super) mod flag {
    pub const UNTIED: u32 = 1;
    pub const FINAL: u32 = 1 << 1;
    pub const DEPEND: u32 = 1 << 3;
    pub const PRIORITY: u32 = 1 << 4;
    pub const UP: u32 = 1 << 8;
    pub const GRAINSIZE: u32 = 1 << 9;
    pub const IF: u32 = 1 << 10;
    pub const NOGROUP: u32 = 1 << 11;
    pub const REDUCTION: u32 = 1 << 12;
    pub const DETACH: u32 = 1 << 13;
    pub const STRICT: u32 = 1 << 14;
}

/// Clang's flags.
mod kmpc {
    pub const TIED: i32 = 1;
    pub const FINAL: i32 = 2;
    pub const PRIORITY: i32 = 0x20;
    pub const DETACHABLE: i32 = 0x40;
}

/// Where Clang's code puts a task's priority.
const PRIORITY_AT: usize = 32;

/// A dependence as Clang's code describes it.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Dependence {
    address: *mut c_void,
    length: usize,
    kind: u8,
}

/// Kinds of [`Dependence`].
mod dependence {
    pub const IN: u8 = 1;
    pub const INOUT: u8 = 3;
    pub const MUTEXINOUTSET: u8 = 4;
    pub const INOUTSET: u8 = 8;
    pub const ALL_MEMORY: u8 = 0x80;
}

/// A task as Clang's code knows it, and what follows; the data come behind that, as aligned as GCC wants them.
#[repr(C)]
struct Private {
    task: MaybeUninit<KmpTask>,
    function: GompFunction,
    data: Data,
    /// Task reductions that the generating task sees.
    reductions: *mut usize,
}

unsafe extern "C" fn enter(_gtid: i32, task: *mut KmpTask) -> i32 {
    // SAFETY: made by `Construct::allocate`.
    let private = unsafe { &*task.cast::<Private>() };
    let (function, data) = (private.function, private.data);
    with_reductions(private.reductions, || {
        // SAFETY: the program's own function and data.
        unsafe { function(data) }
    });
    0
}

/// Runs `body` as a task that sees those reductions. The implicit task whose state holds them is the thread's: another thread's
/// task may run here.
fn with_reductions(reductions: *mut usize, body: impl FnOnce()) {
    let state = &current().member().gomp;
    let outer = state.reductions.replace(reductions);
    body();
    state.reductions.set(outer);
}

/// A task construct: its function and data, and what its clauses say.
#[derive(Clone, Copy)]
pub(super) struct Construct {
    pub function: GompFunction,
    pub data: Data,
    pub copy: Option<CopyFunction>,
    pub size: usize,
    pub alignment: usize,
    pub flags: u32,
    pub priority: i32,
}

impl Construct {
    /// A task of `size` bytes of data, which start as zero.
    fn allocate(&self, thread: &Thread, size: usize) -> *mut Private {
        // It points to itself, and to reductions that are over when it is replayed; GCC's code may copy its data by functions.
        graph::cannot_repeat(thread);
        let mut flags = if self.flags & flag::UNTIED == 0 {
            kmpc::TIED
        } else {
            0
        };
        if self.flags & flag::FINAL != 0 {
            flags |= kmpc::FINAL;
        }
        if self.flags & flag::PRIORITY != 0 {
            flags |= kmpc::PRIORITY;
        }
        if self.flags & flag::DETACH != 0 {
            flags |= kmpc::DETACHABLE;
        }
        let alignment = self.alignment.max(1);
        let total = size_of::<Private>() + size + (alignment - 1);
        // SAFETY: as Clang calls it.
        unsafe {
            let task =
                __kmpc_omp_task_alloc(null(), thread.gtid.get(), flags, total, 0, Some(enter));
            if self.flags & flag::PRIORITY != 0 {
                *task.cast::<i32>().byte_add(PRIORITY_AT) = self.priority;
            }
            let private = task.cast::<Private>();
            let end = private.add(1) as usize;
            (*private).function = self.function;
            (*private).data = end.next_multiple_of(alignment) as Data;
            (*private).reductions = thread.member().gomp.reductions.get();
            private
        }
    }

    /// A task that has its own copy of the data.
    ///
    /// # Safety
    /// As GCC describes it.
    pub unsafe fn deferred(&self, thread: &Thread) -> (*mut c_void, Data) {
        let private = self.allocate(thread, self.size);
        // SAFETY: the caller's promise; the task has room for the data.
        unsafe {
            let data = (*private).data;
            match self.copy {
                Some(copy) => copy(data, self.data),
                None if self.size > 0 => data
                    .cast::<u8>()
                    .copy_from_nonoverlapping(self.data.cast(), self.size),
                None => {}
            }
            (private.cast(), data)
        }
    }

    /// Executes the task now: on the program's own data, or on a copy where GCC has a function for that. `ready` is told where the
    /// data are.
    ///
    /// # Safety
    /// As GCC describes it.
    pub unsafe fn undeferred(&self, thread: &Thread, ready: impl FnOnce(Data)) {
        let gtid = thread.gtid.get();
        let private = self.allocate(thread, self.copy.map_or(0, |_| self.size));
        // SAFETY: the caller's promise; the task is new and this thread's.
        unsafe {
            let data = match self.copy {
                Some(copy) => {
                    copy((*private).data, self.data);
                    (*private).data
                }
                None => self.data,
            };
            ready(data);
            let reductions = (*private).reductions;
            let task = private.cast();
            __kmpc_omp_task_begin_if0(null(), gtid, task);
            with_reductions(reductions, || (self.function)(data));
            __kmpc_omp_task_complete_if0(null(), gtid, task);
        }
    }
}

/// Hands a task over that [`Construct::deferred`] has made.
///
/// # Safety
/// As that says.
pub(super) unsafe fn spawn(thread: &Thread, task: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { __kmpc_omp_task(null(), thread.gtid.get(), task.cast()) };
}

/// GCC's list of dependences: the number of items, or 0 and then the number; how many of them are of which kind; the addresses;
/// and then, in the second form, the addresses of `depend` objects, which hold an address and a kind.
///
/// # Safety
/// `list` is null or such a list.
pub(super) unsafe fn dependences(list: *const *mut c_void) -> Vec<Dependence> {
    if list.is_null() {
        return Vec::new();
    }
    let item = |address: *mut c_void, kind: u8| Dependence {
        address,
        length: 0,
        kind: if address.is_null() {
            // GCC's way to write `omp_all_memory`.
            dependence::ALL_MEMORY
        } else {
            kind
        },
    };
    // SAFETY: the caller's promise.
    unsafe {
        let number = |index: usize| *list.add(index) as usize;
        if number(0) != 0 {
            return (0..number(0))
                .map(|index| {
                    let kind = if index < number(1) {
                        dependence::INOUT
                    } else {
                        dependence::IN
                    };
                    item(*list.add(2 + index), kind)
                })
                .collect();
        }
        let (out, mutex, input) = (number(2), number(3), number(4));
        (0..number(1))
            .map(|index| {
                let address = *list.add(5 + index);
                if index < out {
                    item(address, dependence::INOUT)
                } else if index < out + mutex {
                    item(address, dependence::MUTEXINOUTSET)
                } else if index < out + mutex + input {
                    item(address, dependence::IN)
                } else {
                    let object = address.cast::<*mut c_void>();
                    let kind = match *object.add(1) as usize {
                        1 => dependence::IN,
                        4 => dependence::MUTEXINOUTSET,
                        5 => dependence::INOUTSET,
                        _ => dependence::INOUT,
                    };
                    item(*object, kind)
                }
            })
            .collect()
    }
}

/// Waits for earlier tasks that the list depends on.
///
/// # Safety
/// As [`dependences`].
pub(super) unsafe fn wait_for(thread: &Thread, list: *const *mut c_void, nowait: bool) {
    // SAFETY: the caller's promise.
    unsafe {
        let list = dependences(list);
        __kmpc_omp_taskwait_deps_51(
            null(),
            thread.gtid.get(),
            list.len() as i32,
            list.as_ptr().cast(),
            0,
            null(),
            nowait.into(),
        );
    }
}

/// `if_clause` is a C `bool`; what the flags do not name may be missing, because older compilers pass fewer arguments.
///
/// # Safety
/// As GCC calls it.
pub unsafe extern "C-unwind" fn GOMP_task(
    function: GompFunction,
    data: Data,
    copy: Option<CopyFunction>,
    size: isize,
    alignment: isize,
    if_clause: bool,
    flags: u32,
    depend: *const *mut c_void,
    priority: i32,
    detach: *mut *mut c_void,
) {
    let thread = current();
    let construct = Construct {
        function,
        data,
        copy,
        size: size.max(0) as usize,
        alignment: alignment.max(1) as usize,
        flags,
        priority,
    };
    let depend = if flags & flag::DEPEND == 0 {
        null()
    } else {
        depend
    };
    // SAFETY: the caller's promise.
    unsafe {
        if !if_clause && flags & flag::DETACH == 0 {
            if !depend.is_null() {
                wait_for(thread, depend, false);
            }
            construct.undeferred(thread, |_| {});
            return;
        }
        let (task, copied) = construct.deferred(thread);
        if flags & flag::DETACH != 0 {
            let event = __kmpc_task_allow_completion_event(null(), thread.gtid.get(), task.cast());
            let event = event as *mut c_void;
            *detach = event;
            // The task's own variable comes first among its data.
            if !data.is_null() {
                *copied.cast() = event;
            }
        }
        if depend.is_null() {
            spawn(thread, task);
        } else {
            let list = dependences(depend);
            __kmpc_omp_task_with_deps(
                null(),
                thread.gtid.get(),
                task.cast(),
                list.len() as i32,
                list.as_ptr().cast(),
                0,
                null(),
            );
        }
        if !if_clause {
            // Undeferred: the generating task goes on when it is complete, its event fulfilled.
            __kmpc_omp_taskwait(null(), thread.gtid.get());
        }
    }
}

pub extern "C" fn GOMP_taskwait() {
    __kmpc_omp_taskwait(null(), current().gtid.get());
}

/// # Safety
/// As GCC calls it.
pub unsafe extern "C" fn GOMP_taskwait_depend(depend: *const *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { wait_for(current(), depend, false) };
}

/// # Safety
/// As GCC calls it.
pub unsafe extern "C" fn GOMP_taskwait_depend_nowait(depend: *const *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { wait_for(current(), depend, true) };
}

pub extern "C" fn GOMP_taskyield() {
    __kmpc_omp_taskyield(null(), current().gtid.get(), 0);
}

pub extern "C" fn GOMP_taskgroup_start() {
    let thread = current();
    __kmpc_taskgroup(null(), thread.gtid.get());
    reduction::group_start(thread.member());
}

pub extern "C" fn GOMP_taskgroup_end() {
    let thread = current();
    __kmpc_end_taskgroup(null(), thread.gtid.get());
    reduction::group_end(thread.member());
}
