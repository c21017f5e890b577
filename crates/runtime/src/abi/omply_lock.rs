//! `omply_lock*`: locks of code that Omply's own compiler lowers, by numbers. Described in the crate's `README.md`.

use crate::check;
use crate::lock_table::{self, Action};

/// A new lock, simple or nestable; 0: there are too many. The hint is about speed only, and there is one kind of lock.
#[unsafe(no_mangle)]
pub extern "C" fn omply_lock_new(nestable: i32, _hint: i32) -> i64 {
    lock_table::new(nestable != 0)
}

/// Sets (0), unsets (1), tests (2) or destroys (3) a lock; the routine is one for nestable locks where 4 is added. The result is that of
/// the test, else 0; if it is negative, the number of the message that says what is wrong with it.
#[unsafe(no_mangle)]
pub extern "C" fn omply_lock(lock: i64, action: i32) -> i64 {
    let done = match action & 3 {
        0 => Action::Set,
        1 => Action::Unset,
        2 => Action::Test,
        _ => Action::Destroy,
    };
    match lock_table::work(lock, action & 4 != 0, done) {
        Ok(result) => result.into(),
        Err(text) => -check::number(text),
    }
}
