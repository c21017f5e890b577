//! Tasks of Rust code: a closure that the runtime calls once, or drops if the task is discarded.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::api::Cancelled;
use crate::cancel::CANCELLED;
use crate::region::PANICKED;
use crate::thread;

use crate::abi::omply_depend::*;
use crate::abi::omply_task::*;

/// What a `task` construct asks for.
#[derive(Clone, Copy, Debug)]
pub struct TaskOptions<'a> {
    /// The `if` clause.
    pub if_cond: bool,
    /// The `final` clause.
    pub final_: bool,
    /// The `priority` clause.
    pub priority: i32,
    pub depends: &'a [Depend],
    /// The `detach` clause: an event that [`event`] has given.
    pub detach: Option<usize>,
    /// The `transparent` clause: an `omp_impex_t`.
    pub impex: i32,
}

impl Default for TaskOptions<'_> {
    fn default() -> Self {
        Self {
            if_cond: true,
            final_: false,
            priority: 0,
            depends: &[],
            detach: None,
            impex: 0,
        }
    }
}

/// Types of dependences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DependKind {
    In,
    Out,
    InOut,
    MutexInOutSet,
    InOutSet,
    /// `omp_all_memory`: the addresses mean nothing.
    AllMemory,
    /// What a dependence object stands for, whose number is in `rows`.
    Object,
}

/// A dependence on rows of addresses, the first at `address`, each `length` long and `stride` after the one before.
#[derive(Clone, Copy, Debug)]
pub struct Depend {
    pub kind: DependKind,
    pub address: usize,
    pub length: usize,
    pub rows: usize,
    pub stride: isize,
}

impl DependKind {
    fn number(self) -> i32 {
        match self {
            DependKind::In => 1,
            DependKind::Out => 2,
            DependKind::InOut => 3,
            DependKind::MutexInOutSet => 4,
            DependKind::InOutSet => 8,
            DependKind::AllMemory => 0x80,
            DependKind::Object => OBJECT,
        }
    }
}

fn items(depends: &[Depend]) -> Vec<Dependence> {
    let item = |depend: &Depend| Dependence {
        base: depend.address,
        length: depend.length,
        rows: depend.rows,
        stride: depend.stride,
        kind: depend.kind.number(),
    };
    depends.iter().map(item).collect()
}

/// A dependence object that stands for a list.
pub fn depend_object(depends: &[Depend]) -> i64 {
    let items = items(depends);
    // SAFETY: a list and its length.
    unsafe { omply_depend_object_new(items.as_ptr(), items.len()) }
}

/// Whether that is a dependence object.
pub fn find_depend_object(object: i64) -> bool {
    omply_depend_object(object, 0) != 0
}

/// Gives the dependences of an object another type. False: it is none.
pub fn update_depend_object(object: i64, kind: DependKind) -> bool {
    omply_depend_object(object, kind.number()) != 0
}

/// False: it is no dependence object.
pub fn destroy_depend_object(object: i64) -> bool {
    omply_depend_object(object, -1) != 0
}

/// Generates a task that calls `body` with the number of the thread that executes it. A nonzero return of `body` is an error, as a
/// region's is. The body runs as that thread happens to be: where it needs an interpreter's lock, it attaches itself if the thread is
/// detached, as a worker is that has finished its part of the region.
pub fn task<F: FnOnce(i32) -> i32 + Send + 'static>(options: &TaskOptions, body: F) {
    const { assert!(align_of::<F>() <= 16) };

    unsafe extern "C" fn call<F: FnOnce(i32) -> i32>(gtid: i32, context: *mut c_void) -> i32 {
        // SAFETY: the context holds the closure until it is called or destroyed.
        let body = unsafe { (*context.cast::<Option<F>>()).take() };
        let number = thread::from_gtid(gtid).member().tid.get();
        // A panic must not leave the task: it would unwind through whatever the executing thread waits for.
        body.map_or(0, |body| {
            catch_unwind(AssertUnwindSafe(|| body(number as i32))).unwrap_or(PANICKED)
        })
    }
    unsafe extern "C" fn destroy<F>(context: *mut c_void) {
        // SAFETY: as above; nobody uses the context afterwards.
        unsafe { context.cast::<Option<F>>().drop_in_place() };
    }

    let flags = u32::from(!options.if_cond) | u32::from(options.final_) << 1;
    let gtid = thread::current().gtid.get();
    let size = size_of::<Option<F>>();
    let context = omply_task_new(
        gtid,
        call::<F>,
        Some(destroy::<F>),
        size,
        flags,
        options.priority,
    );
    // SAFETY: the context has room for the closure; it is handed over filled in.
    unsafe {
        context.cast::<Option<F>>().write(Some(body));
        if let Some(event) = options.detach {
            omply_task_detach(gtid, context, event);
        }
        if options.impex != 0 {
            omply_task_transparent(gtid, context, options.impex);
        }
        if options.depends.is_empty() {
            omply_task_submit(gtid, context);
        } else {
            let items = items(options.depends);
            omply_task_submit_depending(gtid, context, items.as_ptr(), items.len());
        }
    }
}

fn unless_left(answer: i32) -> Result<(), Cancelled> {
    if answer == CANCELLED {
        Err(Cancelled)
    } else {
        Ok(())
    }
}

/// An event for a task that the calling thread generates next.
pub fn event() -> usize {
    omply_event_new(thread::current().gtid.get())
}

/// Fulfils an event. False: that is none, or it has been fulfilled before. 0 stands for the event of a construct without tasks.
pub fn fulfill_event(event: usize) -> bool {
    omply_event_fulfill(event) != 0
}

/// Waits for the current task's children.
pub fn taskwait() -> Result<(), Cancelled> {
    unless_left(omply_taskwait(thread::current().gtid.get()))
}

/// Waits for the children that a task with these dependences would wait for.
/// With `nowait` nobody waits: an empty task has the dependences.
pub fn taskwait_depend(depends: &[Depend], nowait: bool) -> Result<(), Cancelled> {
    let items = items(depends);
    let gtid = thread::current().gtid.get();
    // SAFETY: the list is there.
    unless_left(unsafe {
        omply_taskwait_depending(gtid, items.as_ptr(), items.len(), nowait.into())
    })
}

/// A task scheduling point.
pub fn taskyield() -> Result<(), Cancelled> {
    unless_left(omply_taskyield(thread::current().gtid.get()))
}

/// Begins a taskgroup.
pub fn taskgroup_begin() {
    omply_taskgroup_begin(thread::current().gtid.get());
}

/// Waits for the tasks of the group begun last, and for their descendants, and ends it.
pub fn taskgroup_end() -> Result<(), Cancelled> {
    unless_left(omply_taskgroup_end(thread::current().gtid.get()))
}

/// `cancel taskgroup`. `Err`: the calling task is to end, with status 0.
pub fn cancel_taskgroup() -> Result<(), Cancelled> {
    unless_cancelled(omply_taskgroup_cancel(thread::current().gtid.get()))
}

/// `cancellation point taskgroup`. `Err`: the calling task is to end, with status 0.
pub fn taskgroup_cancellation_point() -> Result<(), Cancelled> {
    unless_cancelled(omply_taskgroup_cancelled(thread::current().gtid.get()))
}

fn unless_cancelled(answer: i32) -> Result<(), Cancelled> {
    if answer == 0 { Ok(()) } else { Err(Cancelled) }
}

/// How a taskloop's iterations are divided.
#[derive(Clone, Copy, Debug)]
pub enum TaskloopDivision {
    Free,
    Grainsize { iterations: u64, strict: bool },
    NumTasks(u64),
}

/// Generates the tasks of a taskloop over the logical iterations 0 to `count - 1`, without a group around them. `body` gets the number of the
/// thread, first and last iteration of a range, and whether the last of all is in it.
pub fn taskloop<F: Fn(i32, u64, u64, bool) -> i32 + Send + Sync + 'static>(
    options: &TaskOptions,
    count: u64,
    division: TaskloopDivision,
    body: F,
) -> Result<(), Cancelled> {
    unsafe extern "C" fn call<F: Fn(i32, u64, u64, bool) -> i32>(
        gtid: i32,
        captures: *mut c_void,
        first: u64,
        last: u64,
        is_last: i32,
    ) -> i32 {
        // SAFETY: the captures are a box that lives until all tasks are over, and may be shared.
        let body = unsafe { &**captures.cast::<*const F>() };
        let number = thread::from_gtid(gtid).member().tid.get() as i32;
        catch_unwind(AssertUnwindSafe(|| body(number, first, last, is_last != 0)))
            .unwrap_or(PANICKED)
    }
    unsafe extern "C" fn destroy<F>(captures: *mut c_void) {
        // SAFETY: as above; nobody uses it any more.
        drop(unsafe { Box::from_raw(captures.cast::<*mut F>().read()) });
    }
    let (division, amount, strict) = match division {
        TaskloopDivision::Free => (0, 0, false),
        TaskloopDivision::Grainsize { iterations, strict } => (1, iterations, strict),
        TaskloopDivision::NumTasks(tasks) => (2, tasks, false),
    };
    let mut body = Box::into_raw(Box::new(body));
    // SAFETY: the pointer is copied; the box lives until `destroy`.
    unless_left(unsafe {
        omply_taskloop(
            thread::current().gtid.get(),
            call::<F>,
            (&raw mut body).cast(),
            size_of::<*mut F>(),
            Some(destroy::<F>),
            count,
            division,
            amount,
            (u32::from(!options.if_cond) * UNDEFERRED)
                | (u32::from(options.final_) * FINAL)
                | (u32::from(strict) * STRICT),
            options.priority,
        )
    })
}
