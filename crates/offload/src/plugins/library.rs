//! Libraries that are loaded at run time.

use std::ffi::{CStr, CString, c_void};

/// A loaded library; it stays loaded, as drivers do not bear to be unloaded.
#[derive(Clone, Copy)]
pub struct Library(*mut c_void);

// SAFETY: the handle is only passed to dlsym, which any thread may call.
unsafe impl Send for Library {}
// SAFETY: as above.
unsafe impl Sync for Library {}

impl Library {
    /// Loads the first of the names that can be; the error says why none can.
    pub fn open(names: &[&str]) -> Result<Self, String> {
        let mut why = Vec::new();
        for name in names {
            let Ok(text) = CString::new(*name) else {
                why.push(format!("{name:?} is no file name"));
                continue;
            };
            // SAFETY: a C string; vendors' libraries are made to be loaded so.
            let handle = unsafe { libc::dlopen(text.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
            if !handle.is_null() {
                return Ok(Self(handle));
            }
            // SAFETY: null or a C string, valid until the next call of this thread.
            let said = unsafe { libc::dlerror() };
            why.push(if said.is_null() {
                format!("{name} cannot be loaded")
            } else {
                // SAFETY: not null.
                unsafe { CStr::from_ptr(said) }
                    .to_string_lossy()
                    .into_owned()
            });
        }
        Err(why.join("; "))
    }

    /// The address of a function, if the library has it.
    pub fn find(self, name: &CStr) -> Option<*mut c_void> {
        // SAFETY: the handle is that of a loaded library.
        let address = unsafe { libc::dlsym(self.0, name.as_ptr()) };
        (!address.is_null()).then_some(address)
    }
}

/// A table of functions of a library, each under the name of its field; `new` names the first that is missing.
macro_rules! functions {
    ($(#[$doc:meta])* $table:ident { $($field:ident = $name:literal: fn($($argument:ty),*) -> $result:ty;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $table {
            $(pub $field: unsafe extern "C" fn($($argument),*) -> $result,)*
        }

        impl $table {
            pub fn new(library: $crate::plugins::library::Library) -> Result<Self, String> {
                Ok(Self {
                    $($field: {
                        let Some(address) = library.find($name) else {
                            return Err(format!("the library has no {}", $name.to_string_lossy()));
                        };
                        // SAFETY: the vendor's documentation gives the function this signature.
                        unsafe {
                            std::mem::transmute::<*mut std::ffi::c_void, unsafe extern "C" fn($($argument),*) -> $result>(address)
                        }
                    },)*
                })
            }
        }
    };
}

pub(crate) use functions;

/// Text in a buffer that a driver has filled: up to the first NUL.
pub fn text(buffer: &[u8]) -> String {
    let end = buffer
        .iter()
        .position(|&byte| byte == 0)
        .unwrap_or(buffer.len());
    String::from_utf8_lossy(&buffer[..end]).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_not_there_is_named() {
        let why = Library::open(&["libomply-is-not-there.so.1", "bad\0name"])
            .err()
            .unwrap();
        assert!(why.contains("libomply-is-not-there.so.1"), "{why}");
        assert!(why.contains("is no file name"), "{why}");
    }

    #[test]
    fn texts_end_at_the_first_nul() {
        assert_eq!(text(b" a name \0rest"), "a name");
        assert_eq!(text(b"full"), "full");
    }
}
