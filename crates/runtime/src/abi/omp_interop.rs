//! `omp_*` routines about interoperability objects. Nothing makes any on the host, so `omp_interop_none` is the only object:
//! it has the properties that OpenMP names, all without a value. Return codes may be null pointers.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::null;

/// Values of `omp_interop_rc_t`.
mod rc {
    pub const NO_VALUE: i32 = 1;
    pub const SUCCESS: i32 = 0;
    pub const EMPTY: i32 = -1;
    pub const OUT_OF_RANGE: i32 = -2;
    pub const TYPE_INT: i32 = -3;
    pub const TYPE_PTR: i32 = -4;
    pub const TYPE_STR: i32 = -5;
    pub const OTHER: i32 = -6;
}

/// Name and type of the properties -1, -2, ... of `omp_interop_property_t`.
const PROPERTIES: [(&CStr, &CStr); 9] = [
    (
        c"fr_id",
        c"int: number of the foreign runtime, an omp_interop_fr_t",
    ),
    (c"fr_name", c"const char *: name of the foreign runtime"),
    (c"vendor", c"int: number of the vendor"),
    (c"vendor_name", c"const char *: name of the vendor"),
    (c"device_num", c"int: OpenMP device number"),
    (c"platform", c"void *: handle of the foreign platform"),
    (c"device", c"void *: handle of the foreign device"),
    (
        c"device_context",
        c"void *: handle of the foreign device context",
    ),
    (
        c"targetsync",
        c"void *: handle of the foreign synchronization object",
    ),
];

fn property(number: i32) -> Option<(&'static CStr, &'static CStr)> {
    let index = usize::try_from(-1 - i64::from(number)).ok()?;
    PROPERTIES.get(index).copied()
}

/// Why a property has no value.
fn code_for(interop: *const c_void, number: i32) -> i32 {
    if property(number).is_none() {
        rc::OUT_OF_RANGE
    } else if interop.is_null() {
        rc::EMPTY
    } else {
        // Not one of ours: nothing here could have made it.
        rc::OTHER
    }
}

/// # Safety
/// `code` is null or valid.
unsafe fn answer(interop: *const c_void, number: i32, code: *mut i32) {
    if !code.is_null() {
        // SAFETY: the caller's promise.
        unsafe { *code = code_for(interop, number) };
    }
}

/// There are no properties beside those that OpenMP names.
#[unsafe(no_mangle)]
pub extern "C" fn omp_get_num_interop_properties(_interop: *const c_void) -> i32 {
    0
}

/// # Safety
/// `code` is null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_interop_int(
    interop: *const c_void,
    number: i32,
    code: *mut i32,
) -> isize {
    // SAFETY: the caller's promise.
    unsafe { answer(interop, number, code) };
    0
}

/// # Safety
/// `code` is null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_interop_ptr(
    interop: *const c_void,
    number: i32,
    code: *mut i32,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    unsafe { answer(interop, number, code) };
    std::ptr::null_mut()
}

/// # Safety
/// `code` is null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_get_interop_str(
    interop: *const c_void,
    number: i32,
    code: *mut i32,
) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { answer(interop, number, code) };
    null()
}

/// Null for numbers that are no property's.
#[unsafe(no_mangle)]
pub extern "C" fn omp_get_interop_name(_interop: *const c_void, number: i32) -> *const c_char {
    property(number).map_or(null(), |(name, _)| name.as_ptr())
}

/// Null for `omp_interop_none` and for numbers that are no property's.
#[unsafe(no_mangle)]
pub extern "C" fn omp_get_interop_type_desc(interop: *const c_void, number: i32) -> *const c_char {
    match property(number) {
        Some((_, description)) if !interop.is_null() => description.as_ptr(),
        _ => null(),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_interop_rc_desc(_interop: *const c_void, code: i32) -> *const c_char {
    match code {
        rc::NO_VALUE => c"the property has no value".as_ptr(),
        rc::SUCCESS => c"success".as_ptr(),
        rc::EMPTY => c"the interoperability object is omp_interop_none".as_ptr(),
        rc::OUT_OF_RANGE => c"there is no property with this number".as_ptr(),
        rc::TYPE_INT => c"the property is an integer: use omp_get_interop_int".as_ptr(),
        rc::TYPE_PTR => c"the property is a pointer: use omp_get_interop_ptr".as_ptr(),
        rc::TYPE_STR => c"the property is a string: use omp_get_interop_str".as_ptr(),
        rc::OTHER => c"the interoperability object is not one of this runtime's".as_ptr(),
        _ => null(),
    }
}
