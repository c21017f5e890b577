//! Errors of native code: one list per thread, filled by failing checks, emptied by [`take_error`]. A thread of a team hands
//! its list to the team when its part of the region ends, and the thread that forked takes all lists over after the join.

use std::cell::RefCell;
use std::ffi::c_void;

use omply_offload::DeviceError;

/// Not a site of the module: memory was exhausted.
pub const SITE_MEMORY: u32 = u32::MAX;
/// Not a site of the module: the stack is nearly exhausted.
pub const SITE_RECURSION: u32 = u32::MAX - 1;
/// Not a site of the module: `num_threads` was below 1.
pub const SITE_BAD_NUM_THREADS: u32 = u32::MAX - 2;

/// Not a site of the module: a device could not do what it was to do.
pub const SITE_DEVICE: u32 = u32::MAX - 3;

/// Status of a function that has recorded an error.
pub const STATUS_RAISED: i32 = 1;
/// Status of a thread that leaves a region which another thread's error has ended.
pub const STATUS_CANCELLED: i32 = -1;
/// Status after Ctrl-C.
pub const STATUS_INTERRUPTED: i32 = omply_runtime::INTERRUPTED;
/// A task has been left because its group is cancelled; its entry makes 0 of that.
pub const STATUS_TASK_LEFT: i32 = -7;

/// One error that a thread raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorRecord {
    /// What the module's loader passed to [`crate::load`].
    pub cookie: usize,
    /// Index into the module's sites, or one of the `SITE_*` constants.
    pub site: u32,
    /// What the message's `{0}`, `{1}`, `{2}` stand for.
    pub args: [i64; 3],
    /// The thread number, in the team of the region that failed, of the thread that raised; `None` outside of regions.
    pub thread_num: Option<u32>,
    /// What a device has to say; then `site` is [`SITE_DEVICE`].
    pub device: Option<DeviceError>,
}

/// Why an entry function returned a nonzero status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NativeError {
    /// By thread number; the first is the one to raise.
    pub records: Vec<ErrorRecord>,
    /// Ctrl-C ended the call.
    pub interrupted: bool,
}

thread_local! {
    static ERROR: RefCell<NativeError> = const { RefCell::new(NativeError { records: Vec::new(), interrupted: false }) };
}

/// The calling thread's errors since the last call, if there are any.
pub fn take_error() -> Option<NativeError> {
    let error = ERROR.with(RefCell::take);
    (error.interrupted || !error.records.is_empty()).then_some(error)
}

fn add(record: ErrorRecord) {
    ERROR.with(|error| error.borrow_mut().records.push(record));
}

/// A check failed, or an exception was raised. A loop that waits with its errors may raise many; its first ones will do.
pub extern "C" fn raise(cookie: usize, site: u32, a: i64, b: i64, c: i64) {
    const ENOUGH: usize = 64;
    if ERROR.with(|error| error.borrow().records.len() >= ENOUGH) {
        return;
    }
    add(ErrorRecord {
        cookie,
        site,
        args: [a, b, c],
        thread_num: None,
        device: None,
    });
}

/// The status of a loop whose calls have noted their errors: nonzero if any has.
pub extern "C" fn failure() -> i32 {
    ERROR.with(|error| {
        let mut error = error.borrow_mut();
        // A serial loop would have ended with the first one.
        error.records.truncate(1);
        match (error.records.is_empty(), error.interrupted) {
            (false, _) => STATUS_RAISED,
            (true, true) => STATUS_INTERRUPTED,
            (true, false) => 0,
        }
    })
}

/// Ctrl-C ended a serial loop.
pub extern "C" fn note_interrupt() {
    ERROR.with(|error| error.borrow_mut().interrupted = true);
}

/// A thread's part of a region ended with a nonzero status: its errors become the team's.
pub extern "C" fn thread_failed(gtid: i32, status: i32) {
    if let Some(error) = take_error() {
        let payload = Box::into_raw(Box::new(error)).cast::<c_void>();
        omply_runtime::abi::omply::omply_team_error(gtid, status, payload);
    }
}

/// A call that may have executed tasks answered with a nonzero status. In a region that means to leave it. Outside, a task
/// has failed: its errors are this thread's. The result is this thread's status.
pub extern "C" fn tasks_failed(cookie: usize, status: i32) -> i32 {
    if status == STATUS_CANCELLED {
        return STATUS_CANCELLED;
    }
    region_failed(cookie, status)
}

/// A construct for a device ended with a nonzero status: what the device had to say becomes an error of this thread. Errors of a
/// region that ran on the host are this thread's already.
pub extern "C" fn target_failed(cookie: usize, status: i32) -> i32 {
    let Some(error) = omply_offload::take_error() else {
        return status;
    };
    let record = |site, args| ErrorRecord {
        cookie,
        site,
        args,
        thread_num: None,
        device: None,
    };
    add(match error.kind {
        omply_offload::ErrorKind::Check { site, args, .. } => record(site as u32, args),
        _ => ErrorRecord {
            device: Some(error),
            ..record(SITE_DEVICE, [0; 3])
        },
    });
    STATUS_RAISED
}

/// A region that this thread forked ended with a nonzero status: takes the errors over. The result is this thread's status.
pub extern "C" fn region_failed(cookie: usize, status: i32) -> i32 {
    let mut all = NativeError {
        records: Vec::new(),
        interrupted: status == STATUS_INTERRUPTED,
    };
    for error in omply_runtime::take_errors() {
        if error.payload.is_null() {
            continue;
        }
        // SAFETY: payloads of regions that generated code forks come from `thread_failed` alone, and each is taken once.
        let payload = unsafe { Box::from_raw(error.payload.cast::<NativeError>()) };
        all.interrupted |= payload.interrupted;
        all.records
            .extend(payload.records.into_iter().map(|record| ErrorRecord {
                // Of nested regions the innermost one's thread number says most.
                thread_num: record.thread_num.or(u32::try_from(error.thread_num).ok()),
                ..record
            }));
    }
    if status == omply_runtime::BAD_NUM_THREADS {
        all.records.push(ErrorRecord {
            cookie,
            site: SITE_BAD_NUM_THREADS,
            args: [0; 3],
            thread_num: None,
            device: None,
        });
    }
    let interrupted = all.interrupted && all.records.is_empty();
    ERROR.with(|error| {
        let mut error = error.borrow_mut();
        error.records.extend(all.records);
        error.interrupted |= all.interrupted;
    });
    if interrupted {
        STATUS_INTERRUPTED
    } else {
        STATUS_RAISED
    }
}
