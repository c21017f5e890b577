//! `OMPLY_CHECK`: do the threads of a team meet the same worksharing constructs and barriers, in the same order? Programs that
//! were made for checking say so at each of them; the first thread to come to the n-th one of its region writes down which it
//! is, and whoever then comes to another one is told of both places, before it waits for threads that never come.
//!
//! What is written down of a region is shared by its threads through a `Region`; each thread keeps a stack of the regions that it
//! is in, with the number of constructs that it has met there and the blocks around it. A region that ends early by an error
//! leaves its entry on the stack, which the level tells: entries of deeper or equal levels are removed when another one is
//! entered or a construct is met.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::abi::omp::{omp_get_level, omp_get_thread_num, omp_in_explicit_task};

/// Whether the program is to be checked.
pub fn enabled() -> bool {
    static ENABLED: OnceLock<bool> = OnceLock::new();
    *ENABLED.get_or_init(|| {
        let value = std::env::var("OMPLY_CHECK").unwrap_or_default();
        !matches!(value.trim(), "" | "0" | "false" | "off" | "no")
    })
}

/// A construct that a thread met.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Met {
    what: String,
    place: String,
    thread: i32,
}

/// What the threads of one region have met, in order.
#[derive(Debug, Default)]
pub struct Region {
    met: Mutex<Vec<Met>>,
}

struct Entry {
    region: Arc<Region>,
    level: i32,
    met: usize,
    /// The blocks around, outermost first: construct and place.
    inside: Vec<(String, String)>,
}

thread_local! {
    static REGIONS: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

const END: &str = "the end of the region";

impl Region {
    /// The calling thread, which is a member of the region's team, begins it.
    pub fn enter(self: &Arc<Region>) {
        let level = omp_get_level();
        REGIONS.with_borrow_mut(|regions| {
            regions.retain(|entry| entry.level < level);
            regions.push(Entry {
                region: Arc::clone(self),
                level,
                met: 0,
                inside: Vec::new(),
            });
        });
    }

    /// The calling thread has come to the end of the region.
    pub fn leave(place: &str) -> Result<(), String> {
        let result = meet(END, place, &|_| None);
        forget();
        result
    }
}

/// The calling thread is out of its innermost region, by whatever way.
pub fn forget() {
    let level = omp_get_level();
    REGIONS.with_borrow_mut(|regions| regions.retain(|entry| entry.level < level));
}

/// Works on what is known of the innermost region of the calling thread, if it is known.
fn innermost<R>(work: impl FnOnce(&mut Entry) -> R) -> Option<R> {
    let level = omp_get_level();
    REGIONS.with_borrow_mut(|regions| {
        regions.retain(|entry| entry.level <= level);
        let entry = regions.last_mut().filter(|entry| entry.level == level);
        entry.map(work)
    })
}

/// The calling thread comes to a construct that all threads of its team have to meet. `forbidden` says why it may not stand
/// inside of another one, if that is so.
pub fn meet(
    what: &str,
    place: &str,
    forbidden: &dyn Fn(&str) -> Option<&'static str>,
) -> Result<(), String> {
    let here = || format!("`{what}` at {place}");
    if omp_in_explicit_task() != 0 {
        return Err(format!(
            "{} is met in a task: a team meets it together, and a task is one thread's",
            here()
        ));
    }
    let found = innermost(|entry| {
        for (outer, outer_place) in entry.inside.iter().rev() {
            if let Some(reason) = forbidden(outer) {
                return Err(format!(
                    "{} is met inside of `{outer}` at {outer_place}: {reason}",
                    here()
                ));
            }
        }
        let number = entry.met;
        entry.met += 1;
        let own = Met {
            what: what.to_owned(),
            place: place.to_owned(),
            thread: omp_get_thread_num(),
        };
        let mut met = entry
            .region
            .met
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match met.get(number) {
            None => {
                met.push(own);
                Ok(())
            }
            Some(first)
                if first.what == own.what && (own.what == END || first.place == own.place) =>
            {
                Ok(())
            }
            Some(first) => Err(format!(
                "thread {} of the team comes to {}, where thread {} came to {}: all threads of a team meet the same \
                 worksharing constructs and barriers",
                own.thread,
                name(&own),
                first.thread,
                name(first),
            )),
        }
    });
    found.unwrap_or(Ok(()))
}

fn name(met: &Met) -> String {
    if met.what == END {
        format!("{END} at {}", met.place)
    } else {
        format!("`{}` at {}", met.what, met.place)
    }
}

/// The calling thread goes into the block of a construct.
pub fn enter_block(what: &str, place: &str) {
    innermost(|entry| entry.inside.push((what.to_owned(), place.to_owned())));
}

/// The calling thread comes out of the innermost block.
pub fn leave_block() {
    innermost(|entry| entry.inside.pop());
}

/// What generated code says; see [`omply_check`].
static MESSAGES: Mutex<Vec<String>> = Mutex::new(Vec::new());
static HANDLES: Mutex<Vec<Arc<Region>>> = Mutex::new(Vec::new());

/// The message of a number that [`omply_check`] gave.
pub fn message(number: i64) -> String {
    let messages = MESSAGES.lock().unwrap_or_else(PoisonError::into_inner);
    let index = usize::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1));
    index
        .and_then(|index| messages.get(index))
        .cloned()
        .unwrap_or_default()
}

fn numbered(result: Result<(), String>) -> i64 {
    result.map_or_else(number, |()| 0)
}

/// The number of a message, which is positive.
pub fn number(text: String) -> i64 {
    let mut messages = MESSAGES.lock().unwrap_or_else(PoisonError::into_inner);
    let known = messages.iter().position(|message| *message == text);
    let index = known.unwrap_or_else(|| {
        messages.push(text);
        messages.len() - 1
    });
    index as i64 + 1
}

/// For generated code. Event 0 makes a region's record and gives its handle, 1 enters the region of that handle, 2 meets a
/// construct, 3 ends the region; `what` and `place` are C strings. What is not a handle is 0, or the number of a message.
///
/// # Safety
/// `what` and `place` are C strings.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omply_check(
    event: i32,
    handle: i64,
    what: *const std::ffi::c_char,
    place: *const std::ffi::c_char,
) -> i64 {
    // SAFETY: the caller's promise.
    let text = |text| unsafe { std::ffi::CStr::from_ptr(text) }.to_string_lossy();
    let handles = || HANDLES.lock().unwrap_or_else(PoisonError::into_inner);
    match event {
        0 => {
            let mut handles = handles();
            handles.push(Arc::default());
            handles.len() as i64
        }
        1 => {
            let index = usize::try_from(handle - 1).unwrap_or(usize::MAX);
            let region = handles().get(index).cloned();
            if let Some(region) = region {
                region.enter();
            }
            0
        }
        2 => numbered(meet(&text(what), &text(place), &|_| None)),
        _ => numbered(Region::leave(&text(place))),
    }
}
