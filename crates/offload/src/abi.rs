//! The C ABI between generated code and this crate: what a target region, a map and a launch look like in memory, and the
//! functions that generated code calls.
//!
//! A *word* is 64 bits of a region's parameters, as `omply_codegen::compile` lays them out: one for a scalar, the data pointer and
//! its companions for an array, the address for a variable that is passed by reference. Data pointers and addresses are replaced by
//! what they are on the device where a [`MapItem`] names their word.

use std::ffi::{CStr, c_char};
use std::ptr::null;

use crate::error;
use crate::mapping::Direction;
use crate::region::{self, Construct};

/// The `device` argument where there is no `device` clause: default-device-var decides. (`omp_initial_device` is -1.)
pub const DEFAULT_DEVICE: i64 = i64::MIN;

/// Status of a call that failed here: [`crate::take_error`] has the reason. Any other nonzero status is the region's own, from its
/// version for the host.
pub const DEVICE_FAILED: i32 = -7;

/// A `target` construct.
#[repr(C)]
pub struct Region {
    /// What [`crate::register_source`] returned.
    pub id: u64,
    /// Which of the source's regions it is.
    pub index: u32,
    pub flags: u32,
    /// The region for the host, which takes the words of the region's parameters.
    pub host: Option<HostCode>,
    /// For messages: `function:line`.
    pub name: *const c_char,
}

// SAFETY: regions are constants.
unsafe impl Sync for Region {}

/// The host's version of a region: a global thread number and the words. 0: it went well.
pub type HostCode = unsafe extern "C-unwind" fn(gtid: i32, words: *const u64) -> i32;

/// Bits of [`MapItem::flags`].
pub mod map {
    pub const TO: u64 = 1;
    pub const FROM: u64 = 2;
    pub const ALWAYS: u64 = 4;
    pub const DELETE: u64 = 8;
    pub const RELEASE: u64 = 16;
    pub const PRESENT: u64 = 32;
    /// Storage near the device: all of ours is.
    pub const CLOSE: u64 = 64;
    /// No clause names the variable.
    pub const IMPLICIT: u64 = 128;
    /// The device is to use the host's storage itself.
    pub const SELF: u64 = 256;
    /// The word is a device address already (`is_device_ptr`, `has_device_addr`).
    pub const DEVICE: u64 = 512;
    /// Counted apart; storage stays until both counts are zero, whatever is deleted.
    pub const HOLD: u64 = 1024;
    /// `use_device_ptr` and `use_device_addr` of a `target_data`: the word becomes the device address if the data is present, and the
    /// host's if not.
    pub const USE_DEVICE: u64 = 2048;
    /// One of those that create no storage.
    pub(crate) const NOT_MAPPED: u64 = SELF | DEVICE | USE_DEVICE;
    /// From this bit on, 16 bits of an item with [`DEVICE`]: the number of the device whose memory it is, plus 2 (1: the host's); 0:
    /// nobody knows.
    pub const HOME: u32 = 16;
}

/// A list item of a `map`, `to` or `from` clause, or of one of those that concern device addresses.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct MapItem {
    /// The host address that the word stands for.
    pub data: *mut u8,
    /// First byte of the section; below `data` where strides are negative.
    pub low: *mut u8,
    /// Bytes from the first to the last one of the section.
    pub size: u64,
    /// Bits of [`map`].
    pub flags: u64,
    /// The word that gets the device address; `u32::MAX`: none.
    pub word: u32,
    /// Dimensions of the section; 0: `size` contiguous bytes.
    pub ndim: u32,
    pub itemsize: u64,
    /// `ndim` extents.
    pub shape: *const i64,
    /// `ndim` distances, in bytes.
    pub strides: *const i64,
    /// The variable, for messages.
    pub name: *const c_char,
}

impl MapItem {
    pub(crate) fn has(&self, flags: u64) -> bool {
        self.flags & flags != 0
    }

    /// The device whose memory it is, -1 for the host, where that is known.
    pub(crate) fn home(&self) -> Option<i32> {
        match (self.flags >> map::HOME & 0xffff) as i32 {
            0 => None,
            number => Some(number - 2),
        }
    }

    /// What the user calls it.
    pub(crate) fn name(&self) -> String {
        text(self.name, "an unnamed variable")
    }

    /// The extents and strides of the section.
    pub(crate) fn dimensions(&self) -> (&[i64], &[i64]) {
        if self.ndim == 0 || self.shape.is_null() || self.strides.is_null() {
            return (&[], &[]);
        }
        let n = self.ndim as usize;
        // SAFETY: generated code gives arrays of `ndim` numbers, alive during the call.
        unsafe {
            (
                std::slice::from_raw_parts(self.shape, n),
                std::slice::from_raw_parts(self.strides, n),
            )
        }
    }
}

impl Default for MapItem {
    fn default() -> Self {
        Self {
            data: std::ptr::null_mut(),
            low: std::ptr::null_mut(),
            size: 0,
            flags: 0,
            word: u32::MAX,
            ndim: 0,
            itemsize: 1,
            shape: null(),
            strides: null(),
            name: null(),
        }
    }
}

/// How much of the device a region asks for. 0: no clause says anything.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Launch {
    /// Bounds of `num_teams`; both 1 where there is no `teams` construct.
    pub num_teams_lower: i32,
    pub num_teams_upper: i32,
    pub thread_limit: i32,
    pub num_threads: i32,
    /// Iterations of the outermost distributed or worksharing loop; -1: not known.
    pub trip: i64,
}

impl Default for Launch {
    fn default() -> Self {
        Self {
            num_teams_lower: 0,
            num_teams_upper: 0,
            thread_limit: 0,
            num_threads: 0,
            trip: -1,
        }
    }
}

/// Values of `kind` of [`omply_target_enter_exit_update`].
pub const ENTER: i32 = 1;
pub const EXIT: i32 = 2;
pub const UPDATE: i32 = 3;

/// A C string's text, or `otherwise`.
pub(crate) fn text(string: *const c_char, otherwise: &str) -> String {
    if string.is_null() {
        return otherwise.to_owned();
    }
    // SAFETY: names are C strings of generated code.
    unsafe { CStr::from_ptr(string) }
        .to_string_lossy()
        .into_owned()
}

/// # Safety
/// `data` is null or points to `count` values that nobody else uses meanwhile.
unsafe fn slice<'a, T>(data: *mut T, count: u32) -> &'a mut [T] {
    if data.is_null() || count == 0 {
        return &mut [];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts_mut(data, count as usize) }
}

/// 0, or what has gone wrong, kept for [`crate::take_error`].
fn status(result: Result<i32, crate::DeviceError>) -> i32 {
    result.unwrap_or_else(|found| {
        error::keep(found);
        DEVICE_FAILED
    })
}

/// Runs a `target` region and waits for it. 0; [`DEVICE_FAILED`]; or the nonzero status of the host's version.
///
/// # Safety
/// The pointers are valid for as many values as said; the sections of the maps are valid memory; the region's code is right for the
/// words.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn omply_target_region(
    gtid: i32,
    region: *const Region,
    device: i64,
    if_: i32,
    maps: *mut MapItem,
    nmaps: u32,
    words: *mut u64,
    nwords: u32,
    launch: *const Launch,
) -> i32 {
    // SAFETY: the caller's promise.
    let (region, maps, words) = unsafe { (&*region, &*slice(maps, nmaps), slice(words, nwords)) };
    // SAFETY: the caller's promise.
    let launch = unsafe { launch.as_ref() }.copied().unwrap_or_default();
    // SAFETY: the caller's promise.
    status(unsafe { region::run(gtid, region, (device, if_ != 0), maps, words, &launch) })
}

/// Begins (`begin` nonzero) or ends a `target_data` region. Words are for `use_device_ptr` and `use_device_addr`.
///
/// # Safety
/// As [`omply_target_region`].
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn omply_target_data(
    _gtid: i32,
    device: i64,
    if_: i32,
    begin: i32,
    maps: *mut MapItem,
    nmaps: u32,
    words: *mut u64,
    nwords: u32,
) -> i32 {
    let construct = if begin != 0 {
        Construct::DataBegin
    } else {
        Construct::DataEnd
    };
    // SAFETY: the caller's promise.
    let (maps, words) = unsafe { (&*slice(maps, nmaps), slice(words, nwords)) };
    // SAFETY: the caller's promise.
    status(unsafe { region::data(construct, (device, if_ != 0), maps, words) })
}

/// `target_enter_data`, `target_exit_data` or `target_update`, by `kind`: [`ENTER`], [`EXIT`], [`UPDATE`].
///
/// # Safety
/// As [`omply_target_region`].
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn omply_target_enter_exit_update(
    _gtid: i32,
    device: i64,
    if_: i32,
    kind: i32,
    maps: *mut MapItem,
    nmaps: u32,
    words: *mut u64,
    nwords: u32,
) -> i32 {
    let construct = match kind {
        ENTER => Construct::Enter,
        EXIT => Construct::Exit,
        _ => Construct::Update,
    };
    // SAFETY: the caller's promise.
    let (maps, words) = unsafe { (&*slice(maps, nmaps), slice(words, nwords)) };
    // SAFETY: the caller's promise.
    status(unsafe { region::data(construct, (device, if_ != 0), maps, words) })
}

/// What corresponds to an address of the host on a device: for `use_device_ptr` and `use_device_addr`. The address itself where it has
/// no corresponding storage, and on the host.
#[unsafe(no_mangle)]
pub extern "C" fn omply_target_device_address(device: i64, host: *const u8) -> u64 {
    region::device_address(device, host).unwrap_or(host.addr() as u64)
}

impl MapItem {
    /// The copies that the item asks for in that direction.
    pub(crate) fn copies(&self, direction: Direction) -> bool {
        self.has(match direction {
            Direction::ToDevice => map::TO,
            Direction::FromDevice => map::FROM,
        })
    }
}
