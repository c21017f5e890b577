//! Threadprivate variables of native code: one copy per thread, made at the first use, kept until the thread ends.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::Mutex;

/// Holds the largest scalar (a complex number), aligned as one.
#[repr(align(16))]
struct Copy16([u8; 16]);

thread_local! {
    static COPIES: RefCell<HashMap<usize, Box<Copy16>>> = RefCell::default();
}

/// An address that stands for the variable with that key in all modules.
pub fn identity(key: &str) -> usize {
    static KEYS: Mutex<Option<HashMap<String, usize>>> = Mutex::new(None);
    let mut keys = KEYS
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let keys = keys.get_or_insert_default();
    // Never 0, and never a real address: only the number counts.
    let next = (keys.len() + 1) << 4;
    *keys.entry(key.to_owned()).or_insert(next)
}

/// The calling thread's copy; `first` points to the value that a new one starts with.
///
/// # Safety
/// `first` points to `size` bytes.
pub unsafe extern "C" fn address(identity: usize, size: usize, first: *const u8) -> *mut c_void {
    COPIES.with(|copies| {
        let mut copies = copies.borrow_mut();
        let copy = copies.entry(identity).or_insert_with(|| {
            let mut copy = Box::new(Copy16([0; 16]));
            let size = size.min(copy.0.len());
            // SAFETY: the caller's promise; the copy has room.
            unsafe { std::ptr::copy_nonoverlapping(first, copy.0.as_mut_ptr(), size) };
            copy
        });
        copy.0.as_mut_ptr().cast()
    })
}
