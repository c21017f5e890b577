//! `omp_*` routines about threads, teams, schedules, levels, affinity, time and the environment.

use std::ffi::{CStr, c_char};
use std::sync::atomic::{AtomicI32, Ordering};

use crate::config::{SUPPORTED_ACTIVE_LEVELS, config, display};
use crate::format;
use crate::icv::{RunSchedule, ScheduleKind, interned};
use crate::league;
use crate::message;
use crate::pool;
use crate::task;
use crate::team::Member;
use crate::thread;

/// `omp_sched_monotonic`.
const MONOTONIC: u32 = 0x8000_0000;

#[unsafe(no_mangle)]
pub extern "C" fn omp_set_num_threads(num_threads: i32) {
    if num_threads > 0 {
        thread::current().member().set_icvs(|icvs| {
            let mut list = icvs.nthreads.to_vec();
            match list.first_mut() {
                Some(first) => *first = num_threads,
                None => list.push(num_threads),
            }
            icvs.nthreads = interned(&list);
        });
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_num_threads() -> i32 {
    thread::current().member().team_size.get() as i32
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_max_threads() -> i32 {
    thread::current().member().icvs().first_nthreads()
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_thread_num() -> i32 {
    thread::current().member().tid.get() as i32
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_num_procs() -> i32 {
    config().num_procs
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_thread_limit() -> i32 {
    thread::current().member().icvs().thread_limit
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_in_parallel() -> i32 {
    (omp_get_active_level() > 0).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_set_dynamic(dynamic: i32) {
    thread::current()
        .member()
        .set_icvs(|icvs| icvs.dynamic = dynamic != 0);
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_dynamic() -> i32 {
    thread::current().member().icvs().dynamic.into()
}

/// Deprecated: true stands for the supported maximum of nested active levels, false for one.
#[unsafe(no_mangle)]
pub extern "C" fn omp_set_nested(nested: i32) {
    omp_set_max_active_levels(if nested != 0 {
        SUPPORTED_ACTIVE_LEVELS
    } else {
        1
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_nested() -> i32 {
    (omp_get_max_active_levels() > 1).into()
}

/// An unknown kind leaves the schedule as it is.
#[unsafe(no_mangle)]
pub extern "C" fn omp_set_schedule(kind: u32, chunk: i32) {
    let schedule_kind = match kind & !MONOTONIC {
        1 => ScheduleKind::Static,
        2 => ScheduleKind::Dynamic,
        3 => ScheduleKind::Guided,
        4 => ScheduleKind::Auto,
        _ => return,
    };
    let schedule = RunSchedule {
        kind: schedule_kind,
        chunk: chunk.max(0),
        monotonic: kind & MONOTONIC != 0,
    };
    thread::current()
        .member()
        .set_icvs(|icvs| icvs.schedule = schedule);
}

/// # Safety
/// The pointers are valid or null, for what the caller does not want to know.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_schedule(kind: *mut u32, chunk: *mut i32) {
    let schedule = thread::current().member().icvs().schedule;
    let modifier = if schedule.monotonic && schedule.kind != ScheduleKind::Static {
        MONOTONIC
    } else {
        0
    };
    // SAFETY: the caller's promise.
    unsafe {
        if !kind.is_null() {
            *kind = schedule.kind as u32 | modifier;
        }
        if !chunk.is_null() {
            *chunk = schedule.chunk;
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_supported_active_levels() -> i32 {
    SUPPORTED_ACTIVE_LEVELS
}

/// Negative levels leave the value as it is.
#[unsafe(no_mangle)]
pub extern "C" fn omp_set_max_active_levels(levels: i32) {
    if levels >= 0 {
        thread::current()
            .member()
            .set_icvs(|icvs| icvs.max_active_levels = levels);
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_max_active_levels() -> i32 {
    thread::current().member().icvs().max_active_levels
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_level() -> i32 {
    thread::current().member().team().level.get() as i32
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_active_level() -> i32 {
    thread::current().member().team().active_level.get() as i32
}

/// The ancestor of the calling thread's task at that nesting level.
fn ancestor(level: i32) -> Option<&'static Member> {
    let mut member = thread::current().member_static();
    let mut here = member.team().level.get() as i32;
    if !(0..=here).contains(&level) {
        return None;
    }
    while here > level {
        // SAFETY: members are never freed; every level above 0 has a parent.
        member = unsafe { member.team().parent.get().as_ref() }?;
        here -= 1;
    }
    Some(member)
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_ancestor_thread_num(level: i32) -> i32 {
    ancestor(level).map_or(-1, |member| member.tid.get() as i32)
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_team_size(level: i32) -> i32 {
    ancestor(level).map_or(-1, |member| member.team_size.get() as i32)
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_num_teams() -> i32 {
    league::place_in_league(thread::current()).1 as i32
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_team_num() -> i32 {
    league::place_in_league(thread::current()).0 as i32
}

static NUM_TEAMS: AtomicI32 = AtomicI32::new(-1);
static TEAMS_THREAD_LIMIT: AtomicI32 = AtomicI32::new(-1);

/// Value of a variable that the environment initialises and a routine changes; -1: not changed yet.
fn set_or(changed: &AtomicI32, initial: i32) -> i32 {
    match changed.load(Ordering::Relaxed) {
        -1 => initial,
        value => value,
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_set_num_teams(num_teams: i32) {
    NUM_TEAMS.store(num_teams.max(0), Ordering::Relaxed);
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_max_teams() -> i32 {
    set_or(&NUM_TEAMS, config().num_teams)
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_set_teams_thread_limit(limit: i32) {
    TEAMS_THREAD_LIMIT.store(limit.max(0), Ordering::Relaxed);
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_teams_thread_limit() -> i32 {
    set_or(&TEAMS_THREAD_LIMIT, config().teams_thread_limit)
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_cancellation() -> i32 {
    config().cancellation.into()
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_max_task_priority() -> i32 {
    config().max_task_priority
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_in_final() -> i32 {
    task::in_final(thread::current()).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_in_explicit_task() -> i32 {
    task::in_explicit_task(thread::current()).into()
}

/// There are no free-agent threads: tasks run on the team's threads.
#[unsafe(no_mangle)]
pub extern "C" fn omp_is_free_agent() -> i32 {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_ancestor_is_free_agent(_level: i32) -> i32 {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_wtime() -> f64 {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the kernel fills the timespec.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_wtick() -> f64 {
    let mut tick = libc::timespec {
        tv_sec: 0,
        tv_nsec: 1,
    };
    // SAFETY: the kernel fills the timespec.
    unsafe { libc::clock_getres(libc::CLOCK_MONOTONIC, &mut tick) };
    tick.tv_sec as f64 + tick.tv_nsec as f64 * 1e-9
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_proc_bind() -> i32 {
    thread::current().member().icvs().first_bind() as i32
}

/// Without an affinity policy there are no places to speak of.
fn places() -> &'static [crate::topology::Place] {
    let config = config();
    if config
        .bind
        .first()
        .is_none_or(|bind| *bind == crate::icv::Bind::False)
    {
        &[]
    } else {
        &config.places
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_num_places() -> i32 {
    places().len() as i32
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_place_num_procs(place: i32) -> i32 {
    usize::try_from(place)
        .ok()
        .and_then(|place| places().get(place))
        .map_or(0, |place| place.len() as i32)
}

/// # Safety
/// `ids` has room for as many as `omp_get_place_num_procs` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_place_proc_ids(place: i32, ids: *mut i32) {
    if let Some(place) = usize::try_from(place)
        .ok()
        .and_then(|place| places().get(place))
    {
        for (index, cpu) in place.iter().enumerate() {
            // SAFETY: the caller's promise.
            unsafe { *ids.add(index) = *cpu as i32 };
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_place_num() -> i32 {
    thread::current().place.get()
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_partition_num_places() -> i32 {
    if places().is_empty() {
        0
    } else {
        thread::current().member().partition.get().1 as i32
    }
}

/// # Safety
/// `numbers` has room for as many as `omp_get_partition_num_places` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_partition_place_nums(numbers: *mut i32) {
    let (first, length) = thread::current().member().partition.get();
    for index in 0..if places().is_empty() { 0 } else { length } {
        // SAFETY: the caller's promise.
        unsafe { *numbers.add(index as usize) = (first + index) as i32 };
    }
}

/// A C string as text; null is the empty text.
///
/// # Safety
/// Null or a C string.
unsafe fn text(string: *const c_char) -> String {
    if string.is_null() {
        return String::new();
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(string) }
        .to_string_lossy()
        .into_owned()
}

/// Copies `text` with its end mark into `buffer`, cut to `size`; returns the length it needs without the mark.
///
/// # Safety
/// `buffer` has room for `size` bytes.
unsafe fn copy_out(text: &str, buffer: *mut c_char, size: usize) -> usize {
    if size > 0 && !buffer.is_null() {
        let length = text.len().min(size - 1);
        // SAFETY: the caller's promise.
        unsafe {
            buffer
                .cast::<u8>()
                .copy_from_nonoverlapping(text.as_ptr(), length);
            *buffer.add(length) = 0;
        }
    }
    text.len()
}

/// # Safety
/// `format` is a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_set_affinity_format(format: *const c_char) {
    // SAFETY: the caller's promise.
    format::set(unsafe { text(format) });
}

/// # Safety
/// `buffer` has room for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_affinity_format(buffer: *mut c_char, size: usize) -> usize {
    // SAFETY: the caller's promise.
    unsafe { copy_out(&format::get(), buffer, size) }
}

/// # Safety
/// `format` is null or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_display_affinity(format: *const c_char) {
    // SAFETY: the caller's promise.
    let format = unsafe { text(format) };
    message::print(format::expand(&format, thread::current()));
}

/// # Safety
/// `buffer` has room for `size` bytes; `format` is null or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_capture_affinity(
    buffer: *mut c_char,
    size: usize,
    format: *const c_char,
) -> usize {
    // SAFETY: the caller's promise.
    unsafe {
        copy_out(
            &format::expand(&text(format), thread::current()),
            buffer,
            size,
        )
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_display_env(verbose: i32) {
    message::show(display(config(), verbose != 0));
}

/// Values of `omp_pause_resource_t`.
mod pause {
    pub const SOFT: i32 = 1;
    pub const HARD: i32 = 2;
    pub const STOP_TOOL: i32 = 3;
}

/// The host: see [`pause_host`]. A device gives up what is mapped there, at a hard pause. 0: done.
#[unsafe(no_mangle)]
pub extern "C" fn omp_pause_resource(kind: i32, device: i32) -> i32 {
    match (super::omp_device::located(device), crate::devices::known()) {
        (Some(None), _) => pause_host(kind),
        (Some(Some(_)), Some(_)) if kind == pause::SOFT => 0,
        (Some(Some(number)), Some(known)) if kind == pause::HARD => i32::from(!known.pause(number)),
        _ => 1,
    }
}

/// All devices, and the host.
#[unsafe(no_mangle)]
pub extern "C" fn omp_pause_resource_all(kind: i32) -> i32 {
    let of_devices = (0..crate::devices::count()).map(|device| omp_pause_resource(kind, device));
    let failed = matches!(kind, pause::SOFT | pause::HARD) && of_devices.sum::<i32>() > 0;
    pause_host(kind) | i32::from(failed)
}

/// Ends worker threads, which are started anew when a region needs them: a soft pause those that belong to no team, so that
/// threadprivate variables stay what they are; the others also those kept for the calling thread's regions. 0: done. Not in a parallel
/// region, and not for an unknown kind.
fn pause_host(kind: i32) -> i32 {
    let thread = thread::current();
    if thread.member().team().level.get() > 0 || league::shares_with_teams(thread) {
        return 1;
    }
    match kind {
        pause::SOFT => {}
        pause::HARD => thread.dismiss_workers(),
        pause::STOP_TOOL => {
            crate::ompt::finish(true);
            thread.dismiss_workers();
        }
        _ => return 1,
    }
    pool::end_idle_workers();
    0
}

/// -2: there is no tool; -1: it has not asked for this; else what it answers.
pub extern "C" fn omp_control_tool(
    command: i32,
    modifier: i32,
    argument: *mut std::ffi::c_void,
) -> i32 {
    crate::ompt::control_tool(command, modifier, argument)
}

macro_rules! also_called {
    ($($alias:ident = $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {$(
        /// The name under which LLVM's header calls the routine.
        ///
        /// # Safety
        /// As the routine without the `c`.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $alias($($argument: $type),*) $(-> $result)? {
            // SAFETY: the caller's promise.
            unsafe { $name($($argument),*) }
        }
    )*};
}

also_called! {
    ompc_set_affinity_format = omp_set_affinity_format(format: *const c_char);
    ompc_get_affinity_format = omp_get_affinity_format(buffer: *mut c_char, size: usize) -> usize;
    ompc_display_affinity = omp_display_affinity(format: *const c_char);
    ompc_capture_affinity = omp_capture_affinity(buffer: *mut c_char, size: usize, format: *const c_char) -> usize;
}
