//! Errors of native code: one list per thread, filled by failing checks, emptied by [`take_error`].

use std::cell::RefCell;

/// Not a site of the module: memory was exhausted.
pub const SITE_MEMORY: u32 = u32::MAX;
/// Not a site of the module: the stack is nearly exhausted.
pub const SITE_RECURSION: u32 = u32::MAX - 1;
/// Not a site of the module: `num_threads` was below 1.
pub const SITE_BAD_NUM_THREADS: u32 = u32::MAX - 2;

/// One error that a thread raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorRecord {
    /// What the module's loader passed to [`crate::load`].
    pub cookie: usize,
    /// Index into the module's sites, or one of the `SITE_*` constants.
    pub site: u32,
    /// What the message's `{0}`, `{1}`, `{2}` stand for.
    pub args: [i64; 3],
    /// The thread number, in the team of the region that failed, of the thread that raised; `None` outside of regions.
    pub thread_num: Option<u32>,
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
