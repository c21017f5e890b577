//! Loading of objects into the process.

/// The entry of a loaded module: words in, words out, status (see [`crate::compile`]).
pub type EntryFn = unsafe extern "C-unwind" fn(args: *const u64, rets: *mut u64) -> i32;

/// A loaded module. Dropping it frees its code: nothing may run in it any more.
pub struct Loaded {
    entry: EntryFn,
}

impl Loaded {
    pub fn entry(&self) -> EntryFn {
        self.entry
    }
}

/// Why an object could not be loaded.
#[derive(Clone, Debug)]
pub struct LoadError {
    pub message: String,
}

/// Links an object that [`crate::compile`] made. `cookie` is what errors of this module will carry.
pub fn load(_object: &[u8], _cookie: usize) -> Result<Loaded, LoadError> {
    Err(LoadError {
        message: "not implemented".into(),
    })
}
