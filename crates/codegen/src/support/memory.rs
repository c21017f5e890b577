//! Array memory that native code allocates: reference counted, 64-byte aligned.

use std::ffi::c_void;

/// Gives up one reference to an array's memory (null: nothing happens).
///
/// # Safety
/// `owner` came from generated code and the reference is the caller's to give up.
pub unsafe fn release_owner(_owner: *mut c_void) {}

/// Takes one more reference (null: nothing happens).
///
/// # Safety
/// `owner` came from generated code and is alive.
pub unsafe fn retain_owner(_owner: *mut c_void) {}
