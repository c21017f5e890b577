//! `threadprivate` variables of code that has no native thread-local storage: one copy per thread and variable.
//!
//! The first initial thread's copy is the variable itself; every other thread's copy starts from the value the variable
//! had when the runtime first heard of it, or is made by the functions that C++ registers for it.
//!
//! A thread finds its copies in a map under a lock. Where the compiler provides a word for it, that points to a table of the
//! copies by thread number, made with the first copy and never freed: Release publishes it and its entries, Acquire reads them. An
//! entry is written by the thread it belongs to, and cleared when that thread ends.

use std::alloc::{Layout, alloc_zeroed, handle_alloc_error};
use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::process::ForkSafe;
use crate::thread::MAX_THREADS;

/// A copy's storage: 16-byte units, so that every scalar and vector type is aligned.
type Storage = Box<[u128]>;

/// The copies by thread number.
type Table = [AtomicPtr<u8>; MAX_THREADS];

type OneConstruct = unsafe extern "C" fn(*mut c_void) -> *mut c_void;
type OneCopy = unsafe extern "C" fn(*mut c_void, *mut c_void) -> *mut c_void;
type OneDestroy = unsafe extern "C" fn(*mut c_void);
type ArrayConstruct = unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void;
type ArrayCopy = unsafe extern "C" fn(*mut c_void, *mut c_void, usize) -> *mut c_void;

/// C++'s functions for a variable's copies.
#[derive(Clone, Copy)]
pub enum Makers {
    /// Copies start as the variable's bytes.
    Bytes,
    One {
        construct: Option<OneConstruct>,
        copy: Option<OneCopy>,
        destroy: Option<OneDestroy>,
    },
    Array {
        construct: Option<ArrayConstruct>,
        copy: Option<ArrayCopy>,
        destroy: Option<ArrayConstruct>,
        length: usize,
    },
}

/// A threadprivate variable.
pub struct Variable {
    makers: Makers,
    /// Its value at first sight.
    initial: Option<Vec<u8>>,
    copies: HashMap<i32, Storage>,
    table: Option<&'static Table>,
}

impl Default for Variable {
    fn default() -> Self {
        Self {
            makers: Makers::Bytes,
            initial: None,
            copies: HashMap::new(),
            table: None,
        }
    }
}

// SAFETY: the table's entries point to copies, which only their threads use.
unsafe impl Send for Variable {}

pub static VARIABLES: ForkSafe<Option<HashMap<usize, Variable>>> = ForkSafe::new(None);

/// Copies of the variable at that address are made by these functions from now on.
pub fn register(data: usize, makers: Makers) {
    let mut variables = VARIABLES.lock();
    variables
        .get_or_insert_default()
        .entry(data)
        .or_default()
        .makers = makers;
}

fn new_table() -> &'static Table {
    let layout = Layout::new::<Table>();
    // SAFETY: the size is not zero; null pointers are zeros. The kernel gives the pages when they are used.
    unsafe {
        let table = alloc_zeroed(layout).cast::<Table>();
        if table.is_null() {
            handle_alloc_error(layout);
        }
        &*table
    }
}

/// The calling thread's copy of the variable at `data`.
///
/// # Safety
/// `data` points to `size` readable bytes, the same size for each call; `cache` is a word for this variable alone, zero at first.
pub unsafe fn copy_of(
    gtid: i32,
    data: *mut u8,
    size: usize,
    cache: Option<&AtomicPtr<c_void>>,
) -> *mut u8 {
    let slot = gtid.max(0) as usize % MAX_THREADS;
    if let Some(cache) = cache {
        // SAFETY: null or a table, which is never freed.
        if let Some(table) = unsafe { cache.load(Ordering::Acquire).cast::<Table>().as_ref() } {
            let copy = table[slot].load(Ordering::Acquire);
            if !copy.is_null() {
                return copy;
            }
        }
    }
    // SAFETY: the caller's promise.
    let copy = unsafe { find_or_make(gtid, data, size) };
    if let Some(cache) = cache {
        let mut variables = VARIABLES.lock();
        let variable = variables
            .get_or_insert_default()
            .entry(data as usize)
            .or_default();
        let table = *variable.table.get_or_insert_with(new_table);
        table[slot].store(copy, Ordering::Release);
        cache.store(
            std::ptr::from_ref(table).cast_mut().cast(),
            Ordering::Release,
        );
    }
    copy
}

/// # Safety
/// As [`copy_of`].
unsafe fn find_or_make(gtid: i32, data: *mut u8, size: usize) -> *mut u8 {
    let (makers, initial) = {
        let mut variables = VARIABLES.lock();
        let variable = variables
            .get_or_insert_default()
            .entry(data as usize)
            .or_default();
        let initial = variable.initial.get_or_insert_with(|| {
            // SAFETY: the caller's promise.
            unsafe { std::slice::from_raw_parts(data, size) }.to_vec()
        });
        if gtid == 0 {
            return data;
        }
        if let Some(copy) = variable.copies.get_mut(&gtid) {
            return copy.as_mut_ptr().cast();
        }
        (variable.makers, initial.clone())
    };
    // Without the lock: the program's functions may use other such variables. Only this thread makes its copy.
    let mut copy: Storage = vec![0u128; size.div_ceil(16)].into_boxed_slice();
    let address = copy.as_mut_ptr().cast::<u8>();
    // SAFETY: the copy has at least `size` bytes; the functions are the variable's.
    unsafe {
        let (into, from) = (address.cast(), data.cast());
        match makers {
            Makers::One {
                construct: Some(construct),
                ..
            } => {
                construct(into);
            }
            Makers::One {
                copy: Some(copy), ..
            } => {
                copy(into, from);
            }
            Makers::Array {
                construct: Some(construct),
                length,
                ..
            } => {
                construct(into, length);
            }
            Makers::Array {
                copy: Some(copy),
                length,
                ..
            } => {
                copy(into, from, length);
            }
            _ => address.copy_from_nonoverlapping(initial.as_ptr(), size),
        }
    }
    let mut variables = VARIABLES.lock();
    if let Some(variable) = variables.get_or_insert_default().get_mut(&(data as usize)) {
        variable.copies.insert(gtid, copy);
    }
    address
}

/// The thread has ended: its number may be given to another, which starts afresh.
pub fn forget(gtid: i32) {
    let mut ended = Vec::new();
    if let Some(variables) = VARIABLES.lock().as_mut() {
        for variable in variables.values_mut() {
            if let Some(table) = variable.table {
                table[gtid.max(0) as usize % MAX_THREADS].store(null_mut(), Ordering::Release);
            }
            if let Some(copy) = variable.copies.remove(&gtid) {
                ended.push((variable.makers, copy));
            }
        }
    }
    for (makers, mut copy) in ended {
        let address = copy.as_mut_ptr().cast();
        // SAFETY: the functions are the variable's, and nobody else uses the copy.
        unsafe {
            match makers {
                Makers::One {
                    destroy: Some(destroy),
                    ..
                } => destroy(address),
                Makers::Array {
                    destroy: Some(destroy),
                    length,
                    ..
                } => {
                    destroy(address, length);
                }
                _ => {}
            }
        }
    }
}
