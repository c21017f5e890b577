//! C entry points: thin, one function each, all behaviour lives in the modules they call.
//!
//! The names are exported for C programs and for generated code; the Python extension hides them with its version script.

pub mod fortran;
#[allow(non_snake_case, reason = "the names are GCC's")]
pub mod gomp;
pub mod kmp;
pub mod kmpc_alloc;
pub mod kmpc_atomic;
pub mod kmpc_cancel;
pub mod kmpc_depend;
pub mod kmpc_graph;
pub mod kmpc_loop;
pub mod kmpc_other;
pub mod kmpc_parallel;
pub mod kmpc_reduction;
pub mod kmpc_sync;
pub mod kmpc_task;
pub mod kmpc_taskloop;
pub mod kmpc_teams;
pub mod kmpc_threadprivate;
pub mod omp;
pub mod omp_alloc;
pub mod omp_device;
pub mod omp_dims;
pub mod omp_interop;
pub mod omp_lock;
pub mod omp_target;
pub mod omp_target_rect;
pub mod omply;
pub mod omply_depend;
pub mod omply_lock;
pub mod omply_task;
mod variadic;

use std::ffi::{CStr, c_char, c_void};

/// Clang's description of a source place.
#[repr(C)]
pub struct Ident {
    reserved_1: i32,
    pub flags: i32,
    reserved_2: i32,
    reserved_3: i32,
    pub source: *const c_char,
}

impl Ident {
    /// The place as text before a message: `file:line: `, or nothing where the compiler gave none.
    ///
    /// # Safety
    /// `loc` is null or Clang's.
    pub unsafe fn text(loc: *const Self) -> String {
        // SAFETY: the caller's promise; the place is a C string.
        let source = unsafe {
            match loc.as_ref() {
                Some(loc) if !loc.source.is_null() => CStr::from_ptr(loc.source).to_string_lossy(),
                _ => return String::new(),
            }
        };
        // ;file;function;line;column;;
        let parts: Vec<&str> = source.split(';').collect();
        match parts[..] {
            ["", file, _, line, ..] if line != "0" => format!("{file}:{line}: "),
            _ => String::new(),
        }
    }
}

/// Storage that Clang reserves for a critical section's name.
pub type CriticalName = c_void;
