//! What can go wrong with a device, in words for the user of a program. Generated code gets a status; the error itself waits in the
//! thread until the edge of the call turns it into an exception.

use std::cell::RefCell;
use std::fmt;

/// What kind of exception it becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The device's memory is exhausted.
    Memory,
    /// A list item is not present, or only in part.
    Mapping,
    /// The kernel could not be made, launched, or has failed.
    Kernel,
    /// There is no such device.
    Device,
    /// A check in the region has failed: what its error record says. `site` and `args` mean what they mean to the code generator of
    /// the region, which `region` and `index` name.
    Check {
        status: i32,
        site: i32,
        args: [i64; 3],
        region: u64,
        index: u32,
    },
}

/// An error, and where it has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceError {
    pub kind: ErrorKind,
    pub text: String,
}

impl DeviceError {
    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
        }
    }
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for DeviceError {}

thread_local! {
    static LAST: RefCell<Option<DeviceError>> = const { RefCell::new(None) };
}

pub(crate) fn keep(error: DeviceError) {
    LAST.set(Some(error));
}

/// The error behind the calling thread's last failed call; `None`: it was the region's own, or has been taken.
pub fn take_error() -> Option<DeviceError> {
    LAST.take()
}
