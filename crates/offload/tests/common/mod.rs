//! What the tests share: the environment that makes the device, and list items of slices and scalars.

#![allow(dead_code)]

use std::ffi::CStr;
use std::ops::Range;
use std::ptr::null_mut;
use std::sync::Once;

use omply_offload::abi::HostCode;
use omply_offload::{MapItem, Region};

/// Before anything else in each test: device 0 is the host with separate memory.
pub fn use_host_separate() {
    use_devices("host-separate");
}

pub fn use_devices(names: &str) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the other tests of this process wait here, and nothing reads the environment meanwhile.
        unsafe { std::env::set_var("OMPLY_DEVICES", names) };
        omply_offload::install();
    });
}

pub fn pointer<T>(word: u64) -> *mut T {
    std::ptr::with_exposed_provenance_mut(word as usize)
}

pub fn region(code: HostCode) -> Region {
    region_named(code, c"test:1")
}

pub fn region_named(code: HostCode, name: &'static CStr) -> Region {
    Region {
        id: 0,
        index: 0,
        flags: 0,
        host: Some(code),
        name: name.as_ptr(),
    }
}

/// A contiguous part of an array.
pub struct Section {
    data: *mut u8,
    bytes: u64,
}

impl Section {
    pub fn of<T>(data: &mut [T], range: Range<usize>) -> Self {
        let part = &mut data[range];
        Self {
            data: part.as_mut_ptr().cast(),
            bytes: size_of_val(part) as u64,
        }
    }

    pub fn item(self, name: &'static str, flags: u64, word: u32) -> MapItem {
        MapItem {
            data: self.data,
            low: self.data,
            size: self.bytes,
            flags,
            word,
            name: leaked(name),
            ..MapItem::default()
        }
    }
}

fn leaked(name: &str) -> *mut std::ffi::c_char {
    std::ffi::CString::new(name).map_or(null_mut(), std::ffi::CString::into_raw)
}

/// All of an array.
pub fn item<T>(name: &'static str, data: &mut [T], flags: u64, word: u32) -> MapItem {
    let all = 0..data.len();
    Section::of(data, all).item(name, flags, word)
}

/// A variable that is passed by reference.
pub fn scalar<T>(name: &'static str, value: &mut T, flags: u64, word: u32) -> MapItem {
    item(name, std::slice::from_mut(value), flags, word)
}
