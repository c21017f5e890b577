//! `__kmpc_fork_call` and its kin: regions, teams, and what is announced before them.

use std::ffi::{CStr, c_char, c_void};

use super::Ident;
use super::variadic::{all_in_registers, arguments, variadic};
use crate::cancel::{BAD_NUM_THREADS, STRICT_FAILED};
use crate::fork::{self, Request, with_pushed};
use crate::icv::Bind;
use crate::message::{fatal, warn};
use crate::ompt;
use crate::region::{Code, KmpcMicrotask};
use crate::thread::{self, Pushed, Strict, Thread};

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_begin(_loc: *const Ident, _flags: i32) {
    thread::current();
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_end(_loc: *const Ident) {}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_global_thread_num(_loc: *const Ident) -> i32 {
    thread::current().gtid.get()
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_global_num_threads(_loc: *const Ident) -> i32 {
    crate::process::running().max(1)
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_bound_thread_num(_loc: *const Ident) -> i32 {
    thread::current().member().tid.get() as i32
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_bound_num_threads(_loc: *const Ident) -> i32 {
    thread::current().member().team_size.get() as i32
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_in_parallel(_loc: *const Ident) -> i32 {
    (thread::current().member().team().active_level.get() > 0).into()
}

variadic!(
    /// `__kmpc_fork_call(loc, argc, microtask, ...)`: the pointers after the microtask are its shared variables.
    __kmpc_fork_call,
    fork_call
);

/// # Safety
/// `registers` and `stack` hold the variable arguments, `argc` in all.
unsafe extern "C-unwind" fn fork_call(
    loc: *const Ident,
    argc: i32,
    microtask: KmpcMicrotask,
    registers: *const *mut c_void,
    stack: *const *mut c_void,
) {
    // SAFETY: the shim stands right on its caller's frame.
    unsafe { ompt::entered_with(thread::current(), registers, stack) };
    let argc = argc.max(0) as usize;
    if all_in_registers(argc) {
        // SAFETY: all arguments are there.
        return unsafe { fork_with(loc, microtask, argc, registers, true) };
    }
    let mut few = [std::ptr::null_mut(); 16];
    let mut many = Vec::new();
    let argv: &mut [*mut c_void] = match few.get_mut(..argc) {
        Some(few) => few,
        None => {
            many.resize(argc, std::ptr::null_mut());
            &mut many
        }
    };
    // SAFETY: the caller's promise.
    let arguments = unsafe { arguments(registers, stack, argc) };
    for (word, argument) in argv.iter_mut().zip(arguments) {
        *word = argument;
    }
    // SAFETY: the arguments live until the region is over.
    unsafe { fork_with(loc, microtask, argc, argv.as_ptr(), true) }
}

/// # Safety
/// `argv` holds the `argc` arguments of `microtask`.
#[inline]
unsafe fn fork_with(
    loc: *const Ident,
    microtask: KmpcMicrotask,
    argc: usize,
    argv: *const *mut c_void,
    if_cond: bool,
) {
    let thread = thread::current();
    // SAFETY: the caller's promise.
    let code = unsafe { Code::kmpc(microtask, argc as u32, argv) };
    with_pushed(thread, if_cond, |request| {
        // SAFETY: as Clang's contract says.
        match unsafe { fork::fork(thread, code, request) } {
            STRICT_FAILED => {
                // SAFETY: the same.
                unsafe { strict_failed(loc, thread, request) };
                let lenient = Request {
                    strict: false,
                    ..*request
                };
                // SAFETY: the same.
                unsafe { fork::fork(thread, code, &lenient) };
            }
            BAD_NUM_THREADS => {
                // SAFETY: the same.
                let place = unsafe { Ident::text(loc) };
                fatal(format_args!(
                    "{place}the num_threads clause needs a positive number"
                ))
            }
            _ => {}
        }
    });
}

/// Says that there are not as many threads as `num_threads(strict:)` asks for; returns if that is only a warning.
///
/// # Safety
/// The place and the message are Clang's.
#[cold]
unsafe fn strict_failed(loc: *const Ident, thread: &Thread, request: &Request) {
    let strict = thread.pushed_strict.get();
    // SAFETY: the caller's promise.
    let place = unsafe { Ident::text(loc) };
    let text = if strict.message.is_null() {
        let wanted = request.num_threads.first().copied().unwrap_or(0);
        format!("there are not {wanted} threads for num_threads(strict: {wanted})")
    } else {
        // SAFETY: the caller's promise.
        unsafe { CStr::from_ptr(strict.message) }
            .to_string_lossy()
            .into_owned()
    };
    if !strict.only_warns {
        fatal(format_args!("{place}{text}"));
    }
    warn(format_args!("omply: warning: {place}{text}"));
}

/// # Safety
/// As Clang calls it.
pub unsafe extern "C-unwind" fn __kmpc_fork_call_if(
    loc: *const Ident,
    argc: i32,
    microtask: KmpcMicrotask,
    condition: i32,
    arg: *mut c_void,
) {
    // SAFETY: at most one argument follows the condition.
    unsafe {
        fork_with(
            loc,
            microtask,
            argc.clamp(0, 1) as usize,
            &arg,
            condition != 0,
        )
    };
}

pub extern "C" fn __kmpc_serialized_parallel(_loc: *const Ident, gtid: i32) {
    let thread = thread::from_gtid(gtid);
    with_pushed(thread, false, |request| {
        fork::enter_serialized(thread, request)
    });
}

pub extern "C" fn __kmpc_end_serialized_parallel(_loc: *const Ident, gtid: i32) {
    fork::leave_serialized(thread::from_gtid(gtid));
}

pub(super) fn push(gtid: i32, change: impl FnOnce(&mut Pushed)) {
    let thread = thread::from_gtid(gtid);
    let mut pushed = thread.pushed.get();
    change(&mut pushed);
    thread.pushed.set(pushed);
}

#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_push_num_threads(_loc: *const Ident, gtid: i32, num_threads: i32) {
    push(gtid, |pushed| pushed.num_threads = num_threads);
}

/// `severity` 2 is fatal: when there are not as many threads, the program ends with the message. 1 is a warning: the message
/// is shown, and the region runs with the threads there are.
///
/// # Safety
/// `message` is null or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_push_num_threads_strict(
    _loc: *const Ident,
    gtid: i32,
    num_threads: i32,
    severity: i32,
    message: *const c_char,
) {
    push(gtid, |pushed| pushed.num_threads = num_threads);
    push_strict(gtid, severity, message);
}

fn push_strict(gtid: i32, severity: i32, message: *const c_char) {
    let only_warns = severity == 1;
    let strict = Strict {
        only_warns,
        message,
    };
    thread::from_gtid(gtid).pushed_strict.set(strict);
    push(gtid, |pushed| pushed.strict = true);
}

/// # Safety
/// `list` holds `length` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_push_num_threads_list(
    _loc: *const Ident,
    gtid: i32,
    length: u32,
    list: *const i32,
) {
    // SAFETY: the caller's promise.
    let list = unsafe { std::slice::from_raw_parts(list, length as usize) };
    thread::from_gtid(gtid).pushed_list.replace(list.to_vec());
    push(gtid, |pushed| pushed.has_list = true);
}

/// # Safety
/// `list` holds `length` numbers, `message` is null or a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn __kmpc_push_num_threads_list_strict(
    loc: *const Ident,
    gtid: i32,
    length: u32,
    list: *const i32,
    severity: i32,
    message: *const c_char,
) {
    // SAFETY: the caller's promise.
    unsafe { __kmpc_push_num_threads_list(loc, gtid, length, list) };
    push_strict(gtid, severity, message);
}

/// Clang numbers the policies like `omp_proc_bind_t`, but has 2 for `master` and 5 for `primary`.
#[unsafe(no_mangle)]
pub extern "C" fn __kmpc_push_proc_bind(_loc: *const Ident, gtid: i32, proc_bind: i32) {
    let policy = if proc_bind == 5 {
        Some(Bind::Primary)
    } else {
        Bind::from_raw(proc_bind)
    };
    push(gtid, |pushed| pushed.proc_bind = policy);
}
