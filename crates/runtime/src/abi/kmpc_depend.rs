//! Tasks with dependences, as Clang's code describes them: lists of addresses with flags. Depend objects and iterators are copied into
//! such lists by Clang's code itself.

use super::Ident;
use crate::ompt::{self, SyncRegion};
use crate::task::depend;
use crate::task::depend_location::Type;
use crate::task::depend_table::Item;
use crate::task::kmp::{self, KmpTask};
use crate::task::node::flag;
use crate::thread;

/// One item of a list.
#[repr(C)]
pub struct DependInfo {
    base: usize,
    length: usize,
    flags: u8,
}

const OUT: u8 = 2;
const MUTEX_INOUT_SET: u8 = 4;
const INOUT_SET: u8 = 8;
const ALL_MEMORY: u8 = 0x80;

/// The items of Clang's two lists, of which the second may only hold addresses that are not in the first.
///
/// # Safety
/// The pointers lead to so many items, which stay there.
unsafe fn items<'a>(
    count: i32,
    list: *const DependInfo,
    more: i32,
    others: *const DependInfo,
) -> impl Iterator<Item = Item> + Clone + 'a {
    let slice = |count: i32, list: *const DependInfo| -> &'a [DependInfo] {
        match usize::try_from(count) {
            // SAFETY: the caller's promise.
            Ok(count) if count > 0 && !list.is_null() => unsafe {
                std::slice::from_raw_parts(list, count)
            },
            _ => &[],
        }
    };
    slice(count, list)
        .iter()
        .chain(slice(more, others))
        .map(|info| match info.flags {
            flags if flags & ALL_MEMORY != 0 => Item::AllMemory,
            flags if flags & OUT != 0 => Item::Address(info.base, Type::Out),
            MUTEX_INOUT_SET => Item::Address(info.base, Type::MutexInoutSet),
            INOUT_SET => Item::Address(info.base, Type::InoutSet),
            _ => Item::Address(info.base, Type::In),
        })
}

/// Hands over a task that depends on others.
///
/// # Safety
/// `task` came from `__kmpc_omp_task_alloc`; the lists have the lengths given.
pub unsafe extern "C" fn __kmpc_omp_task_with_deps(
    _loc: *const Ident,
    gtid: i32,
    task: *mut KmpTask,
    count: i32,
    list: *const DependInfo,
    noalias_count: i32,
    noalias_list: *const DependInfo,
) -> i32 {
    let thread = thread::from_gtid(gtid);
    // SAFETY: the caller's promise.
    unsafe {
        let node = kmp::node(task);
        if node.has(flag::PRIORITY) {
            kmp::keep_priority(node);
        }
        let items = items(count, list, noalias_count, noalias_list);
        ompt::task_create(thread, node, true);
        depend::submit(thread, node, items);
    }
    0
}

/// Waits for the tasks that a task with these dependences would wait for.
///
/// # Safety
/// The lists have the lengths given.
pub unsafe extern "C" fn __kmpc_omp_wait_deps(
    _loc: *const Ident,
    gtid: i32,
    count: i32,
    list: *const DependInfo,
    noalias_count: i32,
    noalias_list: *const DependInfo,
) {
    // SAFETY: the caller's promise.
    let items = unsafe { items(count, list, noalias_count, noalias_list) };
    let thread = thread::from_gtid(gtid);
    ompt::around_wait(thread, SyncRegion::Taskwait, || {
        depend::wait_for(thread, items)
    });
}

/// `taskwait` with dependences; with `nowait` an empty task.
///
/// # Safety
/// The lists have the lengths given.
pub unsafe extern "C" fn __kmpc_omp_taskwait_deps_51(
    _loc: *const Ident,
    gtid: i32,
    count: i32,
    list: *const DependInfo,
    noalias_count: i32,
    noalias_list: *const DependInfo,
    nowait: i32,
) {
    let thread = thread::from_gtid(gtid);
    // SAFETY: the caller's promise.
    let items = unsafe { items(count, list, noalias_count, noalias_list) };
    if nowait != 0 {
        depend::add_empty(thread, items);
    } else {
        ompt::around_wait(thread, SyncRegion::Taskwait, || {
            depend::wait_for(thread, items)
        });
    }
}
