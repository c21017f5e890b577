//! Threadprivate variables of native code: one copy per thread, made at the first use, kept until the thread ends. Groupprivate
//! ones: one copy per contention group, kept until another team takes the group's place.

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
        let copy = copies
            .entry(identity)
            // SAFETY: the caller's promise.
            .or_insert_with(|| unsafe { new(size, first) });
        copy.0.as_mut_ptr().cast()
    })
}

/// # Safety
/// `first` points to `size` bytes.
unsafe fn new(size: usize, first: *const u8) -> Box<Copy16> {
    let mut copy = Box::new(Copy16([0; 16]));
    let size = size.min(copy.0.len());
    // SAFETY: the caller's promise; the copy has room.
    unsafe { std::ptr::copy_nonoverlapping(first, copy.0.as_mut_ptr(), size) };
    copy
}

/// The copies of the contention group that has a place now.
#[derive(Default)]
struct OfGroup {
    instance: u64,
    copies: HashMap<usize, Box<Copy16>>,
}

static GROUPS: Mutex<Option<HashMap<usize, OfGroup>>> = Mutex::new(None);

/// The copy of the calling thread's contention group; the rest as [`address`]. It stays where it is until the group ends.
///
/// # Safety
/// As [`address`].
pub unsafe extern "C" fn group_address(
    identity: usize,
    size: usize,
    first: *const u8,
) -> *mut c_void {
    let group = omply_runtime::contention_group();
    let mut groups = GROUPS
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let of_group = groups
        .get_or_insert_default()
        .entry(group.place)
        .or_default();
    if of_group.instance != group.instance {
        *of_group = OfGroup {
            instance: group.instance,
            copies: HashMap::new(),
        };
    }
    let copy = of_group
        .copies
        .entry(identity)
        // SAFETY: the caller's promise.
        .or_insert_with(|| unsafe { new(size, first) });
    copy.0.as_mut_ptr().cast()
}
