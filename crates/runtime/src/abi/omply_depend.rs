//! `omply_task_*`: dependences of tasks of code that Omply's own compiler lowers. Described in the crate's `README.md`.

use std::slice;

use super::omply_task::outcome;
use crate::ompt::{self, SyncRegion};
use crate::task::depend;
use crate::task::depend_location::Type;
use crate::task::depend_object;
use crate::task::depend_range::Area;
use crate::task::depend_table::Item;
use crate::task::job;
use crate::thread;

/// An item of a list: `rows` rows of `length` bytes, the first at `base`, each `stride` bytes after the one before (or before it).
/// The types have Clang's numbers.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Dependence {
    pub base: usize,
    pub length: usize,
    pub rows: usize,
    pub stride: isize,
    pub kind: i32,
}

const IN: i32 = 1;
const MUTEX_INOUT_SET: i32 = 4;
const INOUT_SET: i32 = 8;
const ALL_MEMORY: i32 = 0x80;
/// The item stands for those of a list: `base` leads to it, `rows` is the number of its items.
pub const LIST: i32 = 0x100;
/// The item stands for what the object with the number `rows` does.
pub const OBJECT: i32 = 0x101;

fn type_of(kind: i32) -> Type {
    match kind {
        IN => Type::In,
        MUTEX_INOUT_SET => Type::MutexInoutSet,
        INOUT_SET => Type::InoutSet,
        // `out` and `inout`.
        _ => Type::Out,
    }
}

/// Empty areas demand nothing. What stands for others is none itself.
fn item(dependence: &Dependence) -> Option<Item> {
    let kind = match dependence.kind {
        ALL_MEMORY => return Some(Item::AllMemory),
        LIST | OBJECT => return None,
        kind => type_of(kind),
    };
    let Dependence {
        base,
        length,
        rows,
        stride,
        ..
    } = *dependence;
    Some(Item::Area(Area::new(base, length, rows, stride)?, kind))
}

/// # Safety
/// `list` leads to `count` items, which stay there.
unsafe fn items<'a>(
    list: *const Dependence,
    count: usize,
) -> impl Iterator<Item = Item> + Clone + 'a {
    let list = if count == 0 {
        &[]
    } else {
        // SAFETY: the caller's promise.
        unsafe { slice::from_raw_parts(list, count) }
    };
    let mut others = Vec::new();
    for dependence in list {
        match dependence.kind {
            // SAFETY: the caller's promise, as the list that an item stands for is a part of it.
            LIST => others.extend(unsafe {
                let inner = dependence.base as *const Dependence;
                collected(inner, dependence.rows)
            }),
            OBJECT => others.extend(depend_object::items(dependence.rows as i64)),
            _ => {}
        }
    }
    list.iter().filter_map(item).chain(others)
}

/// # Safety
/// As for [`items`].
unsafe fn collected(list: *const Dependence, count: usize) -> Vec<Item> {
    // SAFETY: the caller's promise.
    unsafe { items(list, count) }.collect()
}

/// A new dependence object, which stands for what a list does; never 0.
///
/// # Safety
/// `list` leads to `count` items.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omply_depend_object_new(list: *const Dependence, count: usize) -> i64 {
    // SAFETY: the caller's promise.
    depend_object::new(unsafe { items(list, count) })
}

/// Gives the dependences of an object the type `action`, or destroys the object (-1), or does nothing (0). 0: it is no object.
#[unsafe(no_mangle)]
pub extern "C" fn omply_depend_object(object: i64, action: i32) -> i32 {
    let found = match action {
        0 => depend_object::exists(object),
        -1 => depend_object::destroy(object),
        kind => depend_object::update(object, type_of(kind)),
    };
    found.into()
}

/// Hands over a task made by `omply_task_new` that depends on others.
///
/// # Safety
/// As for `omply_task_submit`; `list` leads to `count` items.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omply_task_submit_depending(
    gtid: i32,
    captures: *mut std::ffi::c_void,
    list: *const Dependence,
    count: usize,
) -> i32 {
    let thread = thread::from_gtid(gtid);
    // SAFETY: the caller's promise.
    unsafe {
        let node = job::of_context(captures);
        ompt::task_create(thread, node, true);
        depend::submit(thread, node, items(list, count));
    }
    outcome(thread)
}

const IMPORT: i32 = 1;
const EXPORT: i32 = 2;

/// Makes a task transparent: its children may depend on tasks before it, tasks after it on its children, or both.
///
/// # Safety
/// `captures` came from `omply_task_new`, in the same task, and the task has not been handed over.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omply_task_transparent(
    gtid: i32,
    captures: *mut std::ffi::c_void,
    impex: i32,
) {
    // SAFETY: the caller's promise.
    let node = unsafe { job::of_context(captures) };
    depend::make_transparent(
        thread::from_gtid(gtid),
        node,
        impex & IMPORT != 0,
        impex & EXPORT != 0,
    );
}

/// `taskwait` with dependences: waits for the tasks that a task with this list would wait for; with `nowait` an empty task.
///
/// # Safety
/// `list` leads to `count` items.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omply_taskwait_depending(
    gtid: i32,
    list: *const Dependence,
    count: usize,
    nowait: i32,
) -> i32 {
    let thread = thread::from_gtid(gtid);
    // SAFETY: the caller's promise.
    let items = unsafe { items(list, count) };
    if nowait != 0 {
        depend::add_empty(thread, items);
    } else {
        ompt::around_wait(thread, SyncRegion::Taskwait, || {
            depend::wait_for(thread, items)
        });
    }
    outcome(thread)
}
