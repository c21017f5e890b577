//! LLVM's SPIR-V back end numbers things in a global object, and forgets one of its tables (numbers of basic blocks by the address of
//! their function) only when the process ends: a later function at the same address would get an earlier one's numbers. So the
//! object is put back, before each module, to what it was before the first. The memory that its tables held is not given back.

use std::cell::RefCell;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// From `build.rs`.
const BYTES: usize = match usize::from_str_radix(env!("OMPLY_SPIRV_STATE_BYTES"), 10) {
    Ok(bytes) => bytes,
    Err(_) => panic!("the size is a number"),
};

unsafe extern "C" {
    #[link_name = "_ZN4llvm19SPIRVModuleAnalysis3MAIE"]
    static mut STATE: [u8; BYTES];
}

type Turn = MutexGuard<'static, Option<Vec<u8>>>;

thread_local! {
    /// Held while this thread emits.
    static TURN: RefCell<Option<Turn>> = const { RefCell::new(None) };
}

/// The back end is this thread's, in its first state, while `work` runs.
pub fn in_turn<T>(work: impl FnOnce() -> T) -> T {
    static FIRST: Mutex<Option<Vec<u8>>> = Mutex::new(None);
    let mut first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: LLVM uses the object only while it emits SPIR-V, which this lock lets one thread do at a time. Between two emissions
    // nothing points to what its tables own, so the bytes of the object as it was constructed are a valid, empty object: it stays
    // where it is, so that pointers into itself hold.
    unsafe {
        let state = (&raw mut STATE).cast::<u8>();
        match &*first {
            None => *first = Some(std::slice::from_raw_parts(state, BYTES).to_vec()),
            Some(bytes) => std::ptr::copy_nonoverlapping(bytes.as_ptr(), state, BYTES),
        }
    }
    TURN.set(Some(first));
    let done = work();
    end_turn();
    done
}

/// Lets others emit; this thread has ended, or never goes on.
pub fn end_turn() {
    TURN.set(None);
}
