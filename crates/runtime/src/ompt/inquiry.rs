//! What a tool can ask: the functions that `ompt_function_lookup_t` finds. All of them may be called from callbacks, on any
//! thread that OpenMP knows; those without a thread answer for none.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::null;
use std::sync::atomic::{AtomicU64, Ordering};

use super::sync::MUTEX_IMPL;
use super::types::{Event, Frame, LAST_EVENT, STATES, State, TaskRecord, set};
use super::{CALLBACKS, tool};
use crate::abi::omp;
use crate::team::Member;
use crate::thread;

type Function = *const c_void;

/// `ompt_function_lookup_t`; null: there is no such function.
///
/// # Safety
/// `name` is a C string.
pub unsafe extern "C" fn lookup(name: *const c_char) -> Function {
    if name.is_null() {
        return null();
    }
    // SAFETY: the caller's promise.
    let name = unsafe { CStr::from_ptr(name) };
    let functions: [(&CStr, Function); 19] = [
        (c"ompt_enumerate_states", enumerate_states as Function),
        (
            c"ompt_enumerate_mutex_impls",
            enumerate_mutex_impls as Function,
        ),
        (c"ompt_set_callback", set_callback as Function),
        (c"ompt_get_callback", get_callback as Function),
        (c"ompt_get_thread_data", get_thread_data as Function),
        (c"ompt_get_num_procs", get_num_procs as Function),
        (c"ompt_get_num_places", get_num_places as Function),
        (c"ompt_get_place_proc_ids", get_place_proc_ids as Function),
        (c"ompt_get_place_num", get_place_num as Function),
        (
            c"ompt_get_partition_place_nums",
            get_partition_place_nums as Function,
        ),
        (c"ompt_get_proc_id", get_proc_id as Function),
        (c"ompt_get_state", get_state as Function),
        (c"ompt_get_parallel_info", get_parallel_info as Function),
        (c"ompt_get_task_info", get_task_info as Function),
        (c"ompt_get_task_memory", get_task_memory as Function),
        (c"ompt_get_num_devices", get_num_devices as Function),
        (c"ompt_get_target_info", get_target_info as Function),
        (c"ompt_get_unique_id", get_unique_id as Function),
        (c"ompt_finalize_tool", finalize_tool as Function),
    ];
    functions
        .iter()
        .find(|(known, _)| *known == name)
        .map_or(null(), |&(_, function)| function)
}

/// The state after `current` in the list, which starts after `ompt_state_undefined`.
unsafe extern "C" fn enumerate_states(
    current: c_int,
    next: *mut c_int,
    name: *mut *const c_char,
) -> c_int {
    let position = STATES
        .iter()
        .position(|(state, _)| *state as c_int == current);
    let index = match position {
        _ if current == State::Undefined as c_int => 0,
        Some(index) => index + 1,
        None => return 0,
    };
    let Some((state, text)) = STATES
        .get(index)
        .filter(|(state, _)| *state != State::Undefined)
    else {
        return 0;
    };
    // SAFETY: the tool passes places for the answers.
    unsafe {
        *next = *state as c_int;
        *name = text.as_ptr();
    }
    1
}

/// There is one implementation; the list starts after 0.
unsafe extern "C" fn enumerate_mutex_impls(
    current: c_int,
    next: *mut c_int,
    name: *mut *const c_char,
) -> c_int {
    if current != 0 {
        return 0;
    }
    // SAFETY: the tool passes places for the answers.
    unsafe {
        *next = MUTEX_IMPL as c_int;
        *name = c"omply_mutex_impl_futex".as_ptr();
    }
    1
}

/// How often the event is told.
fn reach(event: c_int) -> c_int {
    const WORK: c_int = Event::Work as c_int;
    const DISPATCH: c_int = Event::Dispatch as c_int;
    const REDUCTION: c_int = Event::Reduction as c_int;
    const TASK_DEPENDENCE: c_int = Event::TaskDependence as c_int;
    match event {
        // Static shares may be computed by the program's own code, and reductions be done with atomics.
        WORK | REDUCTION => set::SOMETIMES_PAIRED,
        DISPATCH => set::SOMETIMES,
        // Where a set of tasks stands between two others, it is not told which of it came first.
        TASK_DEPENDENCE => set::SOMETIMES,
        // Devices: there are none.
        8..=10 | 12..=15 | 22 | 33..=36 => set::NEVER,
        1..=LAST_EVENT => set::ALWAYS,
        _ => set::ERROR,
    }
}

unsafe extern "C" fn set_callback(event: c_int, function: *mut c_void) -> c_int {
    let reach = reach(event);
    if reach > set::NEVER {
        CALLBACKS[event as usize].store(function, Ordering::Release);
    }
    reach
}

unsafe extern "C" fn get_callback(event: c_int, function: *mut *mut c_void) -> c_int {
    let Some(slot) = usize::try_from(event)
        .ok()
        .and_then(|event| CALLBACKS.get(event))
    else {
        return 0;
    };
    let callback = slot.load(Ordering::Acquire);
    if callback.is_null() {
        return 0;
    }
    // SAFETY: the tool passes a place for the answer.
    unsafe { *function = callback };
    1
}

extern "C" fn get_thread_data() -> *mut u64 {
    thread::current_if_known().map_or(std::ptr::null_mut(), |thread| thread.ompt.data.get())
}

extern "C" fn get_num_procs() -> c_int {
    omp::omp_get_num_procs()
}

extern "C" fn get_num_places() -> c_int {
    omp::omp_get_num_places()
}

/// Copies as many numbers as there is room for; returns how many there are.
unsafe fn copy_numbers(
    count: c_int,
    fill: impl FnOnce(*mut c_int),
    size: c_int,
    out: *mut c_int,
) -> c_int {
    let mut numbers = vec![0; count.max(0) as usize];
    fill(numbers.as_mut_ptr());
    for (index, number) in numbers.iter().enumerate().take(size.max(0) as usize) {
        // SAFETY: the tool has room for `size` numbers.
        unsafe { *out.add(index) = *number };
    }
    count
}

unsafe extern "C" fn get_place_proc_ids(place: c_int, size: c_int, ids: *mut c_int) -> c_int {
    let count = omp::omp_get_place_num_procs(place);
    // SAFETY: there is room for `count` numbers, then for `size`.
    unsafe {
        copy_numbers(
            count,
            |numbers| omp::omp_get_place_proc_ids(place, numbers),
            size,
            ids,
        )
    }
}

extern "C" fn get_place_num() -> c_int {
    thread::current_if_known().map_or(-1, |_| omp::omp_get_place_num())
}

unsafe extern "C" fn get_partition_place_nums(size: c_int, numbers: *mut c_int) -> c_int {
    if thread::current_if_known().is_none() {
        return 0;
    }
    let count = omp::omp_get_partition_num_places();
    // SAFETY: there is room for `count` numbers, then for `size`.
    unsafe {
        copy_numbers(
            count,
            |all| omp::omp_get_partition_place_nums(all),
            size,
            numbers,
        )
    }
}

extern "C" fn get_proc_id() -> c_int {
    // SAFETY: takes no arguments.
    unsafe { libc::sched_getcpu() }
}

unsafe extern "C" fn get_state(wait_id: *mut u64) -> c_int {
    let Some(thread) = thread::current_if_known() else {
        return State::Undefined as c_int;
    };
    if !wait_id.is_null() {
        // SAFETY: the tool passes a place for the answer.
        unsafe { *wait_id = thread.ompt.wait_id.get() };
    }
    thread.ompt.state.get() as c_int
}

/// The implicit task around the current one, `level` times.
fn member_at(level: c_int) -> Option<&'static Member> {
    let mut member = thread::current_if_known()?.member_static();
    for _ in 0..level {
        // SAFETY: members are never freed.
        member = unsafe { member.team().parent.get().as_ref() }?;
    }
    (level >= 0).then_some(member)
}

/// 2: there is such a region; 0: there is none.
unsafe extern "C" fn get_parallel_info(
    level: c_int,
    data: *mut *mut u64,
    team_size: *mut c_int,
) -> c_int {
    let Some(member) = member_at(level) else {
        return 0;
    };
    // SAFETY: the tool passes places for the answers, or null.
    unsafe {
        if !data.is_null() {
            *data = member.team().ompt.word();
        }
        if !team_size.is_null() {
            *team_size = member.team_size.get() as c_int;
        }
    }
    2
}

/// 2: there is such a task; 0: there is none.
unsafe extern "C" fn get_task_info(
    level: c_int,
    flags: *mut c_int,
    data: *mut *mut u64,
    frame: *mut *mut Frame,
    parallel: *mut *mut u64,
    thread_num: *mut c_int,
) -> c_int {
    let Some(thread) = thread::current_if_known() else {
        return 0;
    };
    let mut record: *const TaskRecord = thread.ompt.current.get();
    for _ in 0..level.max(0) {
        // SAFETY: a task outlives those that run within it.
        record = unsafe { record.as_ref() }.map_or(null(), |record| record.outer.get());
    }
    // SAFETY: as above.
    let Some(record) = (unsafe { record.as_ref() }).filter(|_| level >= 0) else {
        return 0;
    };
    // SAFETY: the tool passes places for the answers, or null; members are never freed.
    unsafe {
        if !flags.is_null() {
            *flags = record.flags.get();
        }
        if !data.is_null() {
            *data = record.data.get();
        }
        if !frame.is_null() {
            *frame = record.frame.get();
        }
        if !parallel.is_null() {
            *parallel = record.parallel();
        }
        if !thread_num.is_null()
            && let Some(member) = record.member.get().as_ref()
        {
            *thread_num = member.tid.get() as c_int;
        }
    }
    2
}

/// What belongs to a task's storage is not told.
unsafe extern "C" fn get_task_memory(
    address: *mut *mut c_void,
    size: *mut usize,
    _block: c_int,
) -> c_int {
    // SAFETY: the tool passes places for the answers.
    unsafe {
        *address = std::ptr::null_mut();
        *size = 0;
    }
    0
}

extern "C" fn get_num_devices() -> c_int {
    crate::abi::omp_device::omp_get_num_devices()
}

/// No thread is in a target region of a device.
extern "C" fn get_target_info(_device: *mut u64, _target: *mut u64, _host_op: *mut u64) -> c_int {
    0
}

extern "C" fn get_unique_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    // Relaxed: only its being unique counts.
    NEXT.fetch_add(1, Ordering::Relaxed)
}

extern "C" fn finalize_tool() {
    tool::finish(false);
}
