//! `omp_*` routines about interoperability objects. Nothing makes any on the host: objects are those of the library that knows the
//! devices, and `omp_interop_none`, which has the properties that OpenMP names, all without a value. Return codes may be null pointers.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::null;

use crate::devices::{ForeignDevice, known};

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

/// What a property is.
enum Value {
    Int(isize),
    Text(&'static CStr),
    Pointer(*mut c_void),
}

/// A property, or why it has no value.
fn value(interop: *const c_void, number: i32) -> Result<Value, i32> {
    if property(number).is_none() {
        return Err(rc::OUT_OF_RANGE);
    }
    if interop.is_null() {
        return Err(rc::EMPTY);
    }
    let found = known().and_then(|devices| devices.interop(interop));
    let found = found.ok_or(rc::OTHER)?;
    let handle = |handle: *mut c_void| {
        if handle.is_null() {
            Err(rc::NO_VALUE)
        } else {
            Ok(Value::Pointer(handle))
        }
    };
    match -number {
        1 => Ok(Value::Int(found.runtime as isize)),
        2 => Ok(Value::Text(found.runtime_name)),
        3 if found.vendor == 0 => Err(rc::NO_VALUE),
        3 => Ok(Value::Int(found.vendor as isize)),
        4 => Ok(Value::Text(found.vendor_name)),
        5 => Ok(Value::Int(found.device_num as isize)),
        6 => handle(found.platform),
        7 => match found.device {
            ForeignDevice::Number(number) => Ok(Value::Int(number as isize)),
            ForeignDevice::Handle(device) => handle(device),
        },
        8 => handle(found.context),
        _ => handle(found.targetsync),
    }
}

/// A property of the type that `wanted` takes; else `nothing`.
///
/// # Safety
/// `code` is null or valid.
unsafe fn answer<T>(
    interop: *const c_void,
    number: i32,
    code: *mut i32,
    nothing: T,
    wanted: impl FnOnce(&Value) -> Option<T>,
) -> T {
    let (found, why) = match value(interop, number) {
        Err(why) => (None, why),
        Ok(value) => match wanted(&value) {
            Some(found) => (Some(found), rc::SUCCESS),
            None => (
                None,
                match value {
                    Value::Int(_) => rc::TYPE_INT,
                    Value::Pointer(_) => rc::TYPE_PTR,
                    Value::Text(_) => rc::TYPE_STR,
                },
            ),
        },
    };
    if !code.is_null() {
        // SAFETY: the caller's promise.
        unsafe { *code = why };
    }
    found.unwrap_or(nothing)
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
    unsafe {
        answer(interop, number, code, 0, |value| match value {
            Value::Int(number) => Some(*number),
            _ => None,
        })
    }
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
    unsafe {
        answer(
            interop,
            number,
            code,
            std::ptr::null_mut(),
            |value| match value {
                Value::Pointer(handle) => Some(*handle),
                _ => None,
            },
        )
    }
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
    unsafe {
        answer(interop, number, code, null(), |value| match value {
            Value::Text(text) => Some(text.as_ptr()),
            _ => None,
        })
    }
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
