//! Task reductions, as Clang's code describes them.

use std::ffi::c_void;

use super::Ident;
use crate::task::group;
use crate::task::reduction::{self, Init, Item, Set};
use crate::thread;

type Unary = unsafe extern "C" fn(*mut c_void);
type Binary = unsafe extern "C" fn(*mut c_void, *mut c_void);

/// An item.
#[repr(C)]
pub struct TaskReduction {
    shared: *mut c_void,
    original: *mut c_void,
    size: usize,
    init: Option<Binary>,
    fini: Option<Unary>,
    combine: Option<Binary>,
    flags: u32,
}

/// An item as older compilers describe it.
#[repr(C)]
pub struct OldTaskReduction {
    shared: *mut c_void,
    size: usize,
    init: Option<Unary>,
    fini: Option<Unary>,
    combine: Option<Binary>,
    flags: u32,
}

/// # Safety
/// `list` leads to `count` items.
unsafe fn items(count: i32, list: *const TaskReduction) -> Vec<Item> {
    (0..usize::try_from(count).unwrap_or(0))
        .map(|number| {
            // SAFETY: the caller's promise.
            let item = unsafe { &*list.add(number) };
            Item {
                shared: item.shared,
                original: if item.original.is_null() {
                    item.shared
                } else {
                    item.original
                },
                size: item.size,
                init: item.init.map_or(Init::Zero, Init::From),
                fini: item.fini,
                combine: item.combine,
            }
        })
        .collect()
}

/// # Safety
/// `list` leads to `count` items.
unsafe fn old_items(count: i32, list: *const OldTaskReduction) -> Vec<Item> {
    (0..usize::try_from(count).unwrap_or(0))
        .map(|number| {
            // SAFETY: the caller's promise.
            let item = unsafe { &*list.add(number) };
            Item {
                shared: item.shared,
                original: item.shared,
                size: item.size,
                init: item.init.map_or(Init::Zero, Init::Alone),
                fini: item.fini,
                combine: item.combine,
            }
        })
        .collect()
}

/// Gives the current taskgroup reduction items; returns a handle for its tasks.
///
/// # Safety
/// `data` leads to `count` items.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_taskred_init(
    gtid: i32,
    count: i32,
    data: *mut c_void,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    Set::begin(thread::from_gtid(gtid), unsafe {
        items(count, data.cast())
    })
}

/// # Safety
/// As [`__kmpc_taskred_init`], with items of the older form.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_task_reduction_init(
    gtid: i32,
    count: i32,
    data: *mut c_void,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    Set::begin(thread::from_gtid(gtid), unsafe {
        old_items(count, data.cast())
    })
}

/// `reduction(task, ...)` on a region or worksharing construct: the thread's group begins.
///
/// # Safety
/// As [`__kmpc_taskred_init`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_taskred_modifier_init(
    _loc: *const Ident,
    gtid: i32,
    _worksharing: i32,
    count: i32,
    data: *mut c_void,
) -> *mut c_void {
    group::begin(thread::from_gtid(gtid));
    // SAFETY: the caller's promise.
    unsafe { __kmpc_taskred_init(gtid, count, data) }
}

/// # Safety
/// As [`__kmpc_task_reduction_init`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_task_reduction_modifier_init(
    _loc: *const Ident,
    gtid: i32,
    _worksharing: i32,
    count: i32,
    data: *mut c_void,
) -> *mut c_void {
    group::begin(thread::from_gtid(gtid));
    // SAFETY: the caller's promise.
    unsafe { __kmpc_task_reduction_init(gtid, count, data) }
}

/// The group that the modifier has begun ends.
#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_task_reduction_modifier_fini(
    _loc: *const Ident,
    gtid: i32,
    _worksharing: i32,
) {
    group::end(thread::from_gtid(gtid));
}

/// The calling thread's copy of an item, for a task that takes part.
///
/// # Safety
/// `group` is null or a handle whose group is not over.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_task_reduction_get_th_data(
    gtid: i32,
    group: *mut c_void,
    data: *mut c_void,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    unsafe { reduction::copy_of(thread::from_gtid(gtid), group, data) }
}
