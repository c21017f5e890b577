//! `threadprivate` variables of code that has no native thread-local storage: one copy per thread and variable.
//!
//! The first initial thread's copy is the variable itself; every other thread's copy starts from the value the variable
//! had when the runtime first heard of it.

use std::collections::HashMap;

use crate::process::ForkSafe;

/// A threadprivate variable: its value at first sight, and the threads' copies.
pub struct Variable {
    initial: Vec<u8>,
    /// 16-byte units, so that every scalar and vector type is aligned.
    copies: HashMap<i32, Box<[u128]>>,
}

pub static VARIABLES: ForkSafe<Option<HashMap<usize, Variable>>> = ForkSafe::new(None);

/// The calling thread's copy of the variable at `data`.
///
/// # Safety
/// `data` points to `size` readable bytes, the same size for each call.
pub unsafe fn copy_of(gtid: i32, data: *mut u8, size: usize) -> *mut u8 {
    let mut variables = VARIABLES.lock();
    let variable = variables
        .get_or_insert_default()
        .entry(data as usize)
        .or_insert_with(|| Variable {
            // SAFETY: the caller's promise.
            initial: unsafe { std::slice::from_raw_parts(data, size) }.to_vec(),
            copies: HashMap::new(),
        });
    if gtid == 0 {
        return data;
    }
    let initial = &variable.initial;
    let copy = variable.copies.entry(gtid).or_insert_with(|| {
        let mut copy = vec![0u128; size.div_ceil(16)].into_boxed_slice();
        // SAFETY: the copy has at least `size` bytes.
        unsafe {
            copy.as_mut_ptr()
                .cast::<u8>()
                .copy_from_nonoverlapping(initial.as_ptr(), size)
        };
        copy
    });
    copy.as_mut_ptr().cast()
}

/// The thread has ended: its number may be given to another, which starts afresh.
pub fn forget(gtid: i32) {
    if let Some(variables) = VARIABLES.lock().as_mut() {
        for variable in variables.values_mut() {
            variable.copies.remove(&gtid);
        }
    }
}
