//! Task reductions of GCC's programs: `task_reduction` on a taskgroup, `reduction` with the `task` modifier.
//!
//! GCC describes the variables of a construct in an array of words, which the runtime completes:
//!
//! | word | holds |
//! |---|---|
//! | 0 | number of variables |
//! | 1 | bytes of one thread's copies |
//! | 2 | alignment; then the address of all threads' copies, zeroed |
//! | 3 | allocator |
//! | 4 | another such array for the same construct, or 0; then, in the last, the enclosing construct's array |
//! | 5 | ours: the alignment, odd in the first array of a construct |
//! | 6 | end of the copies |
//! | 7, 8, 9 | address of the first variable, its offset among a thread's copies, one word of ours; then the next variable's |
//!
//! A task that takes part asks for the addresses of its thread's copies by the original variable's, or by those of another thread's
//! copy, when the enclosing task has asked before. The arrays are searched from the innermost construct outwards. A task sees the
//! constructs that its generating task saw, so tasks carry that place in the chain (see `task`).

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Data, GompFunction, current, parallel, shared, sync};
use crate::message::fatal;
use crate::ompt::{self, Work};
use crate::region::Code;
use crate::team::Member;

const COUNT: usize = 0;
const SIZE: usize = 1;
const COPIES: usize = 2;
const NEXT: usize = 4;
const OURS: usize = 5;
const END: usize = 6;
const VARIABLES: usize = 7;

/// Alignment that copies are allocated with; GCC asks for a cache line at most.
const ALIGNMENT: usize = 64;

fn layout(bytes: usize, alignment: usize) -> Layout {
    Layout::from_size_align(bytes.max(1), alignment.max(ALIGNMENT))
        .unwrap_or_else(|_| handle_alloc_error(Layout::new::<usize>()))
}

/// Begins a construct that may have reductions: what is registered from now on is forgotten at [`group_end`].
pub(super) fn group_start(member: &Member) {
    member
        .gomp
        .groups
        .borrow_mut()
        .push(member.gomp.reductions.get());
}

/// Ends it.
pub(super) fn group_end(member: &Member) {
    if let Some(outer) = member.gomp.groups.borrow_mut().pop() {
        member.gomp.reductions.set(outer);
    }
}

/// Completes the arrays of a construct and makes them the innermost ones of this task. `first`, where not null, are another thread's
/// arrays for the same construct, which have the copies.
///
/// # Safety
/// As GCC calls it.
pub(super) unsafe fn register(
    member: &Member,
    arrays: *mut usize,
    mut first: *mut usize,
    threads: u32,
) {
    let outer = member.gomp.reductions.get();
    // SAFETY: the words are as the module's description says.
    unsafe {
        let mut array = arrays;
        loop {
            if first.is_null() {
                let bytes = *array.add(SIZE) * threads as usize;
                let layout = layout(bytes, *array.add(COPIES));
                let copies = alloc_zeroed(layout);
                if copies.is_null() {
                    handle_alloc_error(layout);
                }
                *array.add(OURS) = layout.align();
                *array.add(COPIES) = copies as usize;
                *array.add(END) = copies as usize + bytes;
            } else {
                *array.add(OURS) = *first.add(OURS) & !1;
                *array.add(COPIES) = *first.add(COPIES);
                *array.add(END) = *first.add(END);
                first = *first.add(NEXT) as *mut usize;
            }
            if *array.add(NEXT) == 0 {
                *array.add(NEXT) = outer as usize;
                break;
            }
            array = *array.add(NEXT) as *mut usize;
        }
        *arrays.add(OURS) |= 1;
    }
    member.gomp.reductions.set(arrays);
}

/// Tells the program that its arrays have not been registered, because there was nothing to do.
///
/// # Safety
/// As GCC calls it.
pub(super) unsafe fn none_registered(arrays: *mut usize) {
    // SAFETY: the caller's promise.
    unsafe { *arrays.add(COPIES) = 0 };
}

/// # Safety
/// As GCC calls it: within a taskgroup that it has begun.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GOMP_taskgroup_reduction_register(arrays: *mut usize) {
    let member = current().member();
    // SAFETY: the caller's promise.
    unsafe { register(member, arrays, null_mut(), member.team_size.get()) };
}

/// Frees the copies of one construct.
///
/// # Safety
/// The arrays are registered, and no thread uses them any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GOMP_taskgroup_reduction_unregister(arrays: *mut usize) {
    let mut array = arrays;
    // SAFETY: the caller's promise; `register` has allocated the copies with this layout.
    unsafe {
        loop {
            let copies = *array.add(COPIES);
            let bytes = *array.add(END) - copies;
            dealloc(copies as *mut u8, layout(bytes, *array.add(OURS) & !1));
            array = *array.add(NEXT) as *mut usize;
            if array.is_null() || *array.add(OURS) & 1 != 0 {
                return;
            }
        }
    }
}

/// Where a variable has its copies, by the address of the original or of anyone's copy: the array, and the variable's index in it.
///
/// # Safety
/// `array` is null or registered.
unsafe fn find(mut array: *mut usize, address: usize) -> Option<(*mut usize, usize)> {
    // SAFETY: the caller's promise.
    unsafe {
        while !array.is_null() {
            let (copies, end) = (*array.add(COPIES), *array.add(END));
            let wanted = if (copies..end).contains(&address) {
                (1, (address - copies) % *array.add(SIZE))
            } else {
                (0, address)
            };
            let found = (0..*array.add(COUNT))
                .find(|index| *array.add(VARIABLES + 3 * index + wanted.0) == wanted.1);
            if let Some(index) = found {
                return Some((array, index));
            }
            array = *array.add(NEXT) as *mut usize;
        }
    }
    None
}

/// Replaces `count` addresses of variables by those of this thread's copies; the first `originals` of the variables' own addresses
/// follow behind them.
///
/// # Safety
/// As GCC calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GOMP_task_reduction_remap(
    count: usize,
    originals: usize,
    addresses: *mut Data,
) {
    let member = current().member();
    for index in 0..count {
        // SAFETY: the caller's promise; the arrays are registered.
        unsafe {
            let slot = addresses.add(index);
            let Some((array, variable)) = find(member.gomp.reductions.get(), *slot as usize) else {
                fatal(format_args!(
                    "a task takes part in the reduction of the variable at {:?}, but no enclosing construct reduces it",
                    *slot
                ));
            };
            let entry = array.add(VARIABLES + 3 * variable);
            let copies = *array.add(COPIES) + member.tid.get() as usize * *array.add(SIZE);
            *slot = (copies + *entry.add(1)) as Data;
            if index < originals {
                *addresses.add(count + index) = *entry as Data;
            }
        }
    }
}

/// Ends a worksharing construct with task reductions, after its tasks are done.
///
/// # Safety
/// As GCC calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GOMP_workshare_task_reduction_unregister(cancelled: bool) {
    let member = current().member();
    let arrays = member.gomp.reductions.get();
    shared::leave(member);
    group_end(member);
    if member.tid.get() == 0 && !arrays.is_null() {
        // SAFETY: registered at the construct's beginning; the tasks that used the copies are done.
        unsafe { GOMP_taskgroup_reduction_unregister(arrays) };
    }
    if !cancelled {
        sync::GOMP_barrier();
    }
}

/// The code of a region with task reductions.
struct WithReductions {
    function: GompFunction,
    data: Data,
    arrays: *mut usize,
    /// The team's size, for the encountering thread.
    threads: AtomicU32,
}

unsafe extern "C-unwind" fn run_with_reductions(_: i32, tid: i32, n: i32, context: Data) -> i32 {
    // SAFETY: the encountering thread keeps the context alive until the region is over.
    let context = unsafe { &*context.cast::<WithReductions>() };
    let state = &current().member().gomp;
    let outer = state.reductions.replace(context.arrays);
    // SAFETY: the program's own function and data.
    unsafe { (context.function)(context.data) };
    state.reductions.set(outer);
    if tid == 0 {
        // Relaxed: read by the same thread.
        context.threads.store(n as u32, Ordering::Relaxed);
    }
    0
}

/// `parallel` with task reductions, whose arrays the data begin with. Returns the number of threads, which all have copies to be
/// combined.
///
/// # Safety
/// As GCC calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn GOMP_parallel_reductions(
    function: GompFunction,
    data: Data,
    num_threads: u32,
    flags: u32,
) -> u32 {
    let member = current().member();
    // SAFETY: the caller's promise.
    let arrays = unsafe { *data.cast::<*mut usize>() };
    // The region may get fewer threads.
    let most = match num_threads {
        0 => member.icvs().first_nthreads().max(1) as u32,
        threads => threads,
    };
    let outer = member.gomp.reductions.replace(null_mut());
    // SAFETY: the caller's promise.
    unsafe { register(member, arrays, null_mut(), most) };
    member.gomp.reductions.set(outer);
    let context = WithReductions {
        function,
        data,
        arrays,
        threads: AtomicU32::new(0),
    };
    let code = Code::omply(
        run_with_reductions,
        std::ptr::from_ref(&context).cast_mut().cast(),
    );
    // SAFETY: the context lives until the region is over.
    unsafe { parallel::fork_code(code, num_threads, flags) };
    context.threads.load(Ordering::Relaxed)
}

/// `scope` with task reductions.
///
/// # Safety
/// As GCC calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GOMP_scope_start(arrays: *mut usize) {
    let thread = current();
    // Where it ends is not said: at the barrier at the latest.
    ompt::work_begin(thread, Work::Scope, 1);
    let member = thread.member();
    member.workshares.set(member.workshares.get() + 1);
    // SAFETY: the caller's promise.
    unsafe { shared::enter(arrays, null_mut()) };
}
