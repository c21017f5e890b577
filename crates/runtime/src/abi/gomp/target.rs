//! `target` and `teams`. There is no device, so a target region runs on the host: as a league of one team, which is a
//! contention group of its own, as a device's would be. Variables are where they are, so mapping them does nothing, but for
//! `firstprivate` variables, of which the region gets copies. A target construct is executed when it is met, after the tasks that it
//! depends on.

use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::Ordering;

use super::task::wait_for;
use super::{Data, GompFunction, current};
use crate::cancel::BAD_NUM_TEAMS;
use crate::league::{self, LeagueRequest};
use crate::message::fatal;
use crate::region::Code;

/// The low byte of a map kind, and the base-2 logarithm of the alignment above it.
const KIND: u16 = 0xff;
const ALIGNMENT_SHIFT: u32 = 8;
const FIRSTPRIVATE: u16 = 12;

/// Clauses of a target construct travel as numbers: for which devices, what, and the value, above or in the next word.
mod argument {
    pub const DEVICES: usize = 0x7f;
    pub const VALUE_FOLLOWS: usize = 0x80;
    pub const WHAT: usize = 0xff00;
    pub const THREAD_LIMIT: usize = 2 << 8;
    pub const VALUE_SHIFT: u32 = 16;
}

/// The `thread_limit` clause of a target construct; 0: none.
///
/// # Safety
/// `arguments` is null or a list that a zero ends.
unsafe fn thread_limit(mut arguments: *const usize) -> i32 {
    let mut limit = 0;
    // SAFETY: the caller's promise.
    unsafe {
        while !arguments.is_null() && *arguments != 0 {
            let argument = *arguments;
            arguments = arguments.add(1);
            let value = if argument & argument::VALUE_FOLLOWS == 0 {
                argument >> argument::VALUE_SHIFT
            } else {
                arguments = arguments.add(1);
                *arguments.sub(1)
            };
            if argument & argument::DEVICES == 0
                && argument & argument::WHAT == argument::THREAD_LIMIT
            {
                limit = i32::try_from(value).unwrap_or(i32::MAX);
            }
        }
    }
    limit
}

/// Runs a league.
///
/// # Safety
/// The function may be called by the initial threads of all teams until the league is over.
unsafe fn run_league(function: GompFunction, data: Data, teams: (u32, u32), limit: i32) {
    let request = LeagueRequest {
        lower: teams.0 as i32,
        upper: teams.1 as i32,
        thread_limit: limit,
        if_cond: true,
    };
    // SAFETY: the caller's promise.
    let status = unsafe { league::run(current(), Code::gomp(function, data), &request) };
    if status == BAD_NUM_TEAMS {
        fatal("the clauses num_teams and thread_limit need positive numbers");
    }
}

/// Copies of the `firstprivate` variables, put in place of their addresses.
///
/// # Safety
/// The lists hold `count` items, the addresses are those of variables of the sizes given.
unsafe fn privatise(
    count: usize,
    addresses: *mut Data,
    sizes: *const usize,
    kinds: *const u16,
) -> Vec<Vec<u8>> {
    (0..count)
        // SAFETY: the caller's promise.
        .filter(|&index| unsafe { *kinds.add(index) } & KIND == FIRSTPRIVATE)
        .map(|index| {
            // SAFETY: the caller's promise; the block has room for the variable wherever its alignment puts it.
            unsafe {
                let (size, slot) = (*sizes.add(index), addresses.add(index));
                let alignment = 1 << (*kinds.add(index) >> ALIGNMENT_SHIFT);
                let mut block = vec![0u8; size + alignment];
                let offset = block.as_ptr().align_offset(alignment);
                let copy = block.as_mut_ptr().add(offset);
                copy.copy_from_nonoverlapping((*slot).cast(), size);
                *slot = copy.cast();
                block
            }
        })
        .collect()
}

/// # Safety
/// As GCC calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn GOMP_target_ext(
    _device: i32,
    function: GompFunction,
    count: usize,
    addresses: *mut Data,
    sizes: *const usize,
    kinds: *const u16,
    _flags: u32,
    depend: *const *mut c_void,
    arguments: *const usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        if !depend.is_null() {
            wait_for(current(), depend, false);
        }
        let _copies = privatise(count, addresses, sizes, kinds);
        run_league(function, addresses.cast(), (1, 1), thread_limit(arguments));
    }
}

/// The form of OpenMP 4.0.
///
/// # Safety
/// As GCC calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn GOMP_target(
    _device: i32,
    function: GompFunction,
    _unused: *const c_void,
    _count: usize,
    addresses: *mut Data,
    _sizes: *const usize,
    _kinds: *const u8,
) {
    // SAFETY: the caller's promise.
    unsafe { run_league(function, addresses.cast(), (1, 1), 0) };
}

#[unsafe(no_mangle)]
pub extern "C" fn GOMP_target_data(
    _device: i32,
    _unused: *const c_void,
    _count: usize,
    _addresses: *mut Data,
    _sizes: *const usize,
    _kinds: *const u8,
) {
}

#[unsafe(no_mangle)]
pub extern "C" fn GOMP_target_data_ext(
    _device: i32,
    _count: usize,
    _addresses: *mut Data,
    _sizes: *const usize,
    _kinds: *const u16,
) {
}

#[unsafe(no_mangle)]
pub extern "C" fn GOMP_target_end_data() {}

#[unsafe(no_mangle)]
pub extern "C" fn GOMP_target_update(
    _device: i32,
    _unused: *const c_void,
    _count: usize,
    _addresses: *mut Data,
    _sizes: *const usize,
    _kinds: *const u8,
) {
}

macro_rules! data_directive {
    ($($name:ident)*) => {$(
        /// Only its dependences matter.
        ///
        /// # Safety
        /// As GCC calls it.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            _device: i32,
            _count: usize,
            _addresses: *mut Data,
            _sizes: *const usize,
            _kinds: *const u16,
            _flags: u32,
            depend: *const *mut c_void,
        ) {
            if !depend.is_null() {
                // SAFETY: the caller's promise.
                unsafe { wait_for(current(), depend, false) };
            }
        }
    )*};
}

data_directive!(GOMP_target_update_ext GOMP_target_enter_exit_data);

/// `teams` on the host.
///
/// # Safety
/// As GCC calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn GOMP_teams_reg(
    function: GompFunction,
    data: Data,
    num_teams: u32,
    thread_limit: u32,
    _flags: u32,
) {
    // SAFETY: the caller's promise.
    unsafe { run_league(function, data, (num_teams, num_teams), thread_limit as i32) };
}

/// `teams` in a target region, called before each team's code until it is false: the teams run one after the other.
#[unsafe(no_mangle)]
pub extern "C" fn GOMP_teams4(lower: u32, _upper: u32, limit: u32, first: bool) -> bool {
    let thread = current();
    let group = thread.group();
    if first {
        super::super::kmpc_teams::__kmpc_set_thread_limit(
            std::ptr::null(),
            thread.gtid.get(),
            limit as i32,
        );
        group.team_num.store(0, Ordering::Relaxed);
        group.league_size.store(lower.max(1), Ordering::Relaxed);
        return true;
    }
    // Relaxed: the group is this thread's while it is between regions.
    let next = group.team_num.load(Ordering::Relaxed) + 1;
    let more = next < group.league_size.load(Ordering::Relaxed);
    if more {
        group.team_num.store(next, Ordering::Relaxed);
    }
    more
}

/// The form of OpenMP 4.0: one team.
#[unsafe(no_mangle)]
pub extern "C" fn GOMP_teams(_num_teams: u32, limit: u32) {
    GOMP_teams4(1, 1, limit, true);
}

#[unsafe(no_mangle)]
pub extern "C" fn GOMP_offload_register(_table: *const c_void, _kind: i32, _data: *const c_void) {}

#[unsafe(no_mangle)]
pub extern "C" fn GOMP_offload_unregister(_table: *const c_void, _kind: i32, _data: *const c_void) {
}

#[unsafe(no_mangle)]
pub extern "C" fn GOMP_offload_register_ver(
    _version: u32,
    _table: *const c_void,
    _kind: i32,
    _data: *const c_void,
) {
}

#[unsafe(no_mangle)]
pub extern "C" fn GOMP_offload_unregister_ver(
    _version: u32,
    _table: *const c_void,
    _kind: i32,
    _data: *const c_void,
) {
}

/// A function's address on the device is its address.
#[unsafe(no_mangle)]
pub extern "C" fn GOMP_target_map_indirect_ptr(pointer: *mut c_void) -> *mut c_void {
    pointer
}

/// `interop`: without devices every object that is asked for is `omp_interop_none`.
///
/// # Safety
/// As GCC calls it: the lists hold pointers to the objects.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GOMP_interop(
    _device: i32,
    init_count: i32,
    init: *const *mut *mut c_void,
    _sync: *const i32,
    _preferences: *const *const c_void,
    _use_count: i32,
    _use: *const *mut c_void,
    destroy_count: i32,
    destroy: *const *mut *mut c_void,
    _flags: u32,
    depend: *const *mut c_void,
) {
    if !depend.is_null() {
        // SAFETY: the caller's promise.
        unsafe { wait_for(current(), depend, false) };
    }
    for (count, list) in [(init_count, init), (destroy_count, destroy)] {
        for index in 0..count.max(0) as usize {
            // SAFETY: the caller's promise.
            unsafe { **list.add(index) = null_mut() };
        }
    }
}
