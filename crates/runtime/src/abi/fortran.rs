//! The routines as Fortran programs call them: the name with an underscore, every argument by address; `_8_` where the default
//! integer has eight bytes. Strings come with their length, as the last arguments, and are filled up with blanks.
//!
//! # Safety
//! All arguments are valid addresses.

#![allow(
    clippy::missing_safety_doc,
    reason = "the module's description says it for all"
)]

use std::ffi::{CString, c_char, c_void};

use super::omp::*;
use super::omp_alloc::*;
use super::omp_device::*;
use super::omp_interop::*;
use super::omp_lock::*;

macro_rules! without_arguments {
    ($($name:ident = $routine:ident() -> $result:ty;)*) => {$(
        #[unsafe(no_mangle)]
        pub extern "C" fn $name() -> $result {
            $routine() as $result
        }
    )*};
}

without_arguments! {
    omp_get_num_threads_ = omp_get_num_threads() -> i32;
    omp_get_max_threads_ = omp_get_max_threads() -> i32;
    omp_get_thread_num_ = omp_get_thread_num() -> i32;
    omp_get_num_procs_ = omp_get_num_procs() -> i32;
    omp_get_thread_limit_ = omp_get_thread_limit() -> i32;
    omp_in_parallel_ = omp_in_parallel() -> i32;
    omp_get_dynamic_ = omp_get_dynamic() -> i32;
    omp_get_nested_ = omp_get_nested() -> i32;
    omp_get_supported_active_levels_ = omp_get_supported_active_levels() -> i32;
    omp_get_max_active_levels_ = omp_get_max_active_levels() -> i32;
    omp_get_level_ = omp_get_level() -> i32;
    omp_get_active_level_ = omp_get_active_level() -> i32;
    omp_get_num_teams_ = omp_get_num_teams() -> i32;
    omp_get_team_num_ = omp_get_team_num() -> i32;
    omp_get_max_teams_ = omp_get_max_teams() -> i32;
    omp_get_teams_thread_limit_ = omp_get_teams_thread_limit() -> i32;
    omp_get_cancellation_ = omp_get_cancellation() -> i32;
    omp_get_max_task_priority_ = omp_get_max_task_priority() -> i32;
    omp_in_final_ = omp_in_final() -> i32;
    omp_in_explicit_task_ = omp_in_explicit_task() -> i32;
    omp_is_free_agent_ = omp_is_free_agent() -> i32;
    omp_get_wtime_ = omp_get_wtime() -> f64;
    omp_get_wtick_ = omp_get_wtick() -> f64;
    omp_get_proc_bind_ = omp_get_proc_bind() -> i32;
    omp_get_num_places_ = omp_get_num_places() -> i32;
    omp_get_place_num_ = omp_get_place_num() -> i32;
    omp_get_partition_num_places_ = omp_get_partition_num_places() -> i32;
    omp_get_default_device_ = omp_get_default_device() -> i32;
    omp_get_num_devices_ = omp_get_num_devices() -> i32;
    omp_get_device_num_ = omp_get_device_num() -> i32;
    omp_get_initial_device_ = omp_get_initial_device() -> i32;
    omp_is_initial_device_ = omp_is_initial_device() -> i32;
    omp_get_default_allocator_ = omp_get_default_allocator() -> usize;
}

/// Values that fit 32 bits; others become the nearest that do.
trait Narrow {
    fn narrow(self) -> i32;
}

impl Narrow for i32 {
    fn narrow(self) -> i32 {
        self
    }
}

impl Narrow for i64 {
    fn narrow(self) -> i32 {
        self.clamp(i32::MIN.into(), i32::MAX.into()) as i32
    }
}

macro_rules! of_integers {
    ($($name:ident $long:ident = $routine:ident($($argument:ident),*) $(-> $result:ty)?;)*) => {$(
        of_integers!(@one i32 $name $routine ($($argument)*) ($($result)?));
        of_integers!(@one i64 $long $routine ($($argument)*) ($($result)?));
    )*};
    (@one $integer:ident $name:ident $routine:ident ($($argument:ident)*) ($($result:ty)?)) => {
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($argument: *const $integer),*) $(-> $result)? {
            // SAFETY: see the module's description.
            unsafe { $routine($((*$argument).narrow() as _),*) }
        }
    };
}

of_integers! {
    omp_set_num_threads_ omp_set_num_threads_8_ = omp_set_num_threads(number);
    omp_set_dynamic_ omp_set_dynamic_8_ = omp_set_dynamic(dynamic);
    omp_set_nested_ omp_set_nested_8_ = omp_set_nested(nested);
    omp_set_schedule_ omp_set_schedule_8_ = omp_set_schedule(kind, chunk);
    omp_set_max_active_levels_ omp_set_max_active_levels_8_ = omp_set_max_active_levels(levels);
    omp_get_ancestor_thread_num_ omp_get_ancestor_thread_num_8_ = omp_get_ancestor_thread_num(level) -> i32;
    omp_ancestor_is_free_agent_ omp_ancestor_is_free_agent_8_ = omp_ancestor_is_free_agent(level) -> i32;
    omp_get_team_size_ omp_get_team_size_8_ = omp_get_team_size(level) -> i32;
    omp_set_num_teams_ omp_set_num_teams_8_ = omp_set_num_teams(number);
    omp_set_teams_thread_limit_ omp_set_teams_thread_limit_8_ = omp_set_teams_thread_limit(limit);
    omp_get_place_num_procs_ omp_get_place_num_procs_8_ = omp_get_place_num_procs(place) -> i32;
    omp_set_default_device_ omp_set_default_device_8_ = omp_set_default_device(device);
    omp_display_env_ omp_display_env_8_ = omp_display_env(verbose);
    omp_pause_resource_ omp_pause_resource_8_ = omp_pause_resource(kind, device) -> i32;
    omp_pause_resource_all_ omp_pause_resource_all_8_ = omp_pause_resource_all(kind) -> i32;
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_schedule_(kind: *mut u32, chunk: *mut i32) {
    // SAFETY: see the module's description.
    unsafe { omp_get_schedule(kind, chunk) };
}

/// The kind has four bytes whatever the default integer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_schedule_8_(kind: *mut u32, chunk: *mut i64) {
    let mut short = 0;
    // SAFETY: see the module's description.
    unsafe {
        omp_get_schedule(kind, &raw mut short);
        *chunk = short.into();
    }
}

macro_rules! by_value {
    ($($name:ident = $routine:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {$(
        /// The name under which Fortran's interfaces that pass values call the routine.
        #[unsafe(no_mangle)]
        pub extern "C" fn $name($($argument: $type),*) $(-> $result)? {
            $routine($($argument),*)
        }
    )*};
}

by_value! {
    ompc_set_num_threads = omp_set_num_threads(number: i32);
    ompc_set_dynamic = omp_set_dynamic(dynamic: i32);
    ompc_set_nested = omp_set_nested(nested: i32);
    ompc_set_max_active_levels = omp_set_max_active_levels(levels: i32);
    ompc_set_schedule = omp_set_schedule(kind: u32, chunk: i32);
    ompc_get_ancestor_thread_num = omp_get_ancestor_thread_num(level: i32) -> i32;
    ompc_get_team_size = omp_get_team_size(level: i32) -> i32;
}

/// Widens the numbers that `fill` writes.
unsafe fn widened(count: i32, numbers: *mut i64, fill: impl FnOnce(*mut i32)) {
    let mut short = vec![0; count.max(0) as usize];
    fill(short.as_mut_ptr());
    for (index, number) in short.into_iter().enumerate() {
        // SAFETY: the program's array has as much room.
        unsafe { *numbers.add(index) = number.into() };
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_place_proc_ids_(place: *const i32, ids: *mut i32) {
    // SAFETY: see the module's description.
    unsafe { omp_get_place_proc_ids(*place, ids) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_place_proc_ids_8_(place: *const i64, ids: *mut i64) {
    // SAFETY: see the module's description.
    unsafe {
        let place = (*place).narrow();
        widened(omp_get_place_num_procs(place), ids, |short| {
            omp_get_place_proc_ids(place, short);
        });
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_partition_place_nums_(numbers: *mut i32) {
    // SAFETY: see the module's description.
    unsafe { omp_get_partition_place_nums(numbers) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_partition_place_nums_8_(numbers: *mut i64) {
    // SAFETY: see the module's description.
    unsafe {
        widened(omp_get_partition_num_places(), numbers, |short| {
            omp_get_partition_place_nums(short);
        });
    }
}

macro_rules! of_locks {
    ($($name:ident = $routine:ident($($hint:ident)?) $(-> $result:ty)?;)*) => {$(
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(lock: *mut c_void $(, $hint: *const u32)?) $(-> $result)? {
            // SAFETY: see the module's description.
            unsafe { $routine(lock $(, *$hint)?) }
        }
    )*};
}

of_locks! {
    omp_init_lock_ = omp_init_lock();
    omp_init_lock_with_hint_ = omp_init_lock_with_hint(hint);
    omp_destroy_lock_ = omp_destroy_lock();
    omp_set_lock_ = omp_set_lock();
    omp_unset_lock_ = omp_unset_lock();
    omp_test_lock_ = omp_test_lock() -> i32;
    omp_init_nest_lock_ = omp_init_nest_lock();
    omp_init_nest_lock_with_hint_ = omp_init_nest_lock_with_hint(hint);
    omp_destroy_nest_lock_ = omp_destroy_nest_lock();
    omp_set_nest_lock_ = omp_set_nest_lock();
    omp_unset_nest_lock_ = omp_unset_nest_lock();
    omp_test_nest_lock_ = omp_test_nest_lock() -> i32;
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_init_allocator_(
    memspace: *const usize,
    count: *const i32,
    traits: *const c_void,
) -> usize {
    // SAFETY: see the module's description; C's structure of a trait is Fortran's derived type.
    unsafe { omp_init_allocator(*memspace, *count, traits.cast()) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_init_allocator_8_(
    memspace: *const usize,
    count: *const i64,
    traits: *const c_void,
) -> usize {
    // SAFETY: as the routine above.
    unsafe { omp_init_allocator(*memspace, (*count).narrow(), traits.cast()) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_destroy_allocator_(allocator: *const usize) {
    // SAFETY: see the module's description.
    omp_destroy_allocator(unsafe { *allocator });
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_set_default_allocator_(allocator: *const usize) {
    // SAFETY: see the module's description.
    omp_set_default_allocator(unsafe { *allocator });
}

macro_rules! of_devices {
    ($($one:ident = $of_one:ident, $list:ident = $of_list:ident;)*) => {$(
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $one(device: *const i32, memspace: *const usize) -> usize {
            // SAFETY: see the module's description.
            unsafe { $of_one(*device, *memspace) }
        }

        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $list(
            count: *const i32, devices: *const i32, memspace: *const usize,
        ) -> usize {
            // SAFETY: see the module's description.
            unsafe { $of_list(*count, devices, *memspace) }
        }
    )*};
}

of_devices! {
    omp_get_device_memspace_ = omp_get_device_memspace, omp_get_devices_memspace_ = omp_get_devices_memspace;
    omp_get_device_and_host_memspace_ = omp_get_device_and_host_memspace,
        omp_get_devices_and_host_memspace_ = omp_get_devices_and_host_memspace;
    omp_get_device_allocator_ = omp_get_device_allocator, omp_get_devices_allocator_ = omp_get_devices_allocator;
    omp_get_device_and_host_allocator_ = omp_get_device_and_host_allocator,
        omp_get_devices_and_host_allocator_ = omp_get_devices_and_host_allocator;
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_devices_all_memspace_(memspace: *const usize) -> usize {
    // SAFETY: see the module's description.
    omp_get_devices_all_memspace(unsafe { *memspace })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_devices_all_allocator_(memspace: *const usize) -> usize {
    // SAFETY: see the module's description.
    omp_get_devices_all_allocator(unsafe { *memspace })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_memspace_num_resources_(memspace: *const usize) -> i32 {
    // SAFETY: see the module's description.
    omp_get_memspace_num_resources(unsafe { *memspace })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_submemspace_(
    memspace: *const usize,
    count: *const i32,
    resources: *const i32,
) -> usize {
    // SAFETY: see the module's description.
    unsafe { omp_get_submemspace(*memspace, *count, resources) }
}

/// The predefined allocators, for programs that refer to them as variables.
macro_rules! allocators {
    ($($name:ident = $handle:literal;)*) => {$(
        #[allow(non_upper_case_globals, reason = "its C name")]
        #[unsafe(no_mangle)]
        pub static $name: usize = $handle;
    )*};
}

allocators! {
    omp_null_allocator = 0;
    omp_default_mem_alloc = 1;
    omp_large_cap_mem_alloc = 2;
    omp_const_mem_alloc = 3;
    omp_high_bw_mem_alloc = 4;
    omp_low_lat_mem_alloc = 5;
    omp_cgroup_mem_alloc = 6;
    omp_pteam_mem_alloc = 7;
    omp_thread_mem_alloc = 8;
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_fulfill_event_(event: *const usize) {
    // SAFETY: see the module's description.
    unsafe { super::kmpc_task::omp_fulfill_event(*event) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_num_interop_properties_(interop: *const *const c_void) -> i32 {
    // SAFETY: see the module's description.
    omp_get_num_interop_properties(unsafe { *interop })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_control_tool_(
    command: *const i32,
    modifier: *const i32,
    argument: *mut c_void,
) -> i32 {
    // SAFETY: see the module's description.
    unsafe { omp_control_tool(*command, *modifier, argument) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_control_tool_8_(
    command: *const i64,
    modifier: *const i64,
    argument: *mut c_void,
) -> i32 {
    // SAFETY: see the module's description.
    unsafe { omp_control_tool((*command).narrow(), (*modifier).narrow(), argument) }
}

/// A string without the blanks that Fortran fills it up with.
unsafe fn text(string: *const c_char, length: usize) -> CString {
    if string.is_null() {
        return CString::default();
    }
    // SAFETY: see the module's description.
    let bytes = unsafe { std::slice::from_raw_parts(string.cast::<u8>(), length) };
    let used = bytes.trim_ascii_end();
    // A zero byte ends it.
    let end = used
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(used.len());
    CString::new(&used[..end]).unwrap_or_default()
}

/// Has `write` fill the buffer and puts blanks behind; returns the length needed.
unsafe fn padded(
    buffer: *mut c_char,
    length: usize,
    write: impl FnOnce(*mut c_char, usize) -> usize,
) -> i32 {
    // C's end mark takes one byte more than Fortran's buffer has.
    let mut text = vec![0 as c_char; length + 1];
    let needed = write(text.as_mut_ptr(), text.len());
    let used = needed.min(length);
    for (index, byte) in text[..length].iter().enumerate() {
        let byte = if index < used { *byte } else { b' ' as c_char };
        // SAFETY: the buffer has `length` bytes.
        unsafe { *buffer.add(index) = byte };
    }
    i32::try_from(needed).unwrap_or(i32::MAX)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_set_affinity_format_(format: *const c_char, length: usize) {
    // SAFETY: see the module's description.
    unsafe { omp_set_affinity_format(text(format, length).as_ptr()) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_affinity_format_(buffer: *mut c_char, length: usize) -> i32 {
    // SAFETY: see the module's description.
    unsafe {
        padded(buffer, length, |text, size| {
            omp_get_affinity_format(text, size)
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_display_affinity_(format: *const c_char, length: usize) {
    // SAFETY: see the module's description.
    unsafe { omp_display_affinity(text(format, length).as_ptr()) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_capture_affinity_(
    buffer: *mut c_char,
    format: *const c_char,
    length: usize,
    format_length: usize,
) -> i32 {
    // SAFETY: see the module's description.
    unsafe {
        let format = text(format, format_length);
        padded(buffer, length, |text, size| {
            omp_capture_affinity(text, size, format.as_ptr())
        })
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_device_from_uid_(uid: *const c_char, length: usize) -> i32 {
    // SAFETY: see the module's description.
    unsafe { omp_get_device_from_uid(text(uid, length).as_ptr()) }
}
