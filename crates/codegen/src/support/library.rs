//! The C library's functions, and which vector versions of them this machine's glibc has.

use std::ffi::{CStr, CString, c_void};
use std::sync::OnceLock;

/// One vector version of a library function.
pub struct Variant {
    pub symbol: String,
    pub lanes: u32,
}

/// Addresses that outlive the process's use of them: libraries are never closed.
struct Library(*mut c_void);

// SAFETY: handles of loaded libraries may be used by all threads.
unsafe impl Send for Library {}
// SAFETY: as above.
unsafe impl Sync for Library {}

impl Library {
    fn open(name: &CStr) -> Self {
        // SAFETY: the C library's own parts run no code of ours when they are loaded.
        Self(unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_LAZY | libc::RTLD_LOCAL) })
    }

    fn find(&self, name: &CStr) -> Option<usize> {
        if self.0.is_null() {
            return None;
        }
        // SAFETY: the handle is open, the name is NUL-terminated.
        let address = unsafe { libc::dlsym(self.0, name.as_ptr()) };
        (!address.is_null()).then_some(address as usize)
    }
}

fn maths() -> &'static Library {
    static MATHS: OnceLock<Library> = OnceLock::new();
    MATHS.get_or_init(|| Library::open(c"libm.so.6"))
}

fn vector_maths() -> &'static Library {
    static VECTOR: OnceLock<Library> = OnceLock::new();
    VECTOR.get_or_init(|| Library::open(c"libmvec.so.1"))
}

/// Where a function of the C library lies: `libm` with its vector versions, then what the process has loaded.
pub fn find(name: &CStr) -> Option<usize> {
    if name.to_bytes().starts_with(b"_ZGV") {
        return vector_maths().find(name);
    }
    maths().find(name).or_else(|| {
        // SAFETY: the default handle is always valid.
        let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
        (!address.is_null()).then_some(address as usize)
    })
}

/// The bytes of the vectors that this CPU computes with.
pub fn vector_bytes() -> &'static [u32] {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f") {
            return &[64, 32];
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            return &[32];
        }
    }
    &[16]
}

/// The letters that glibc's names have for instruction sets this CPU has, with the bytes of a vector.
fn instruction_sets() -> &'static [(char, u32)] {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f") {
            return &[('e', 64), ('d', 32)];
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            return &[('d', 32)];
        }
        &[('b', 16)]
    }
    #[cfg(target_arch = "aarch64")]
    {
        &[('n', 16)]
    }
}

/// The vector versions of a library function; `single` for the one on floats.
pub fn vector_variants(name: &str, single: bool, args: usize) -> Vec<Variant> {
    let operands = "v".repeat(args);
    let variants = instruction_sets().iter().filter_map(|&(set, bytes)| {
        let lanes = bytes / if single { 4 } else { 8 };
        let symbol = format!("_ZGV{set}N{lanes}{operands}_{name}");
        let found = CString::new(symbol.as_str())
            .ok()
            .and_then(|symbol| vector_maths().find(&symbol));
        found.map(|_| Variant { symbol, lanes })
    });
    variants.collect()
}

/// What a compiled object depends on beside the CPU: the C library's version.
pub fn fingerprint() -> String {
    #[cfg(target_env = "gnu")]
    {
        // SAFETY: the version is a constant string.
        unsafe { CStr::from_ptr(libc::gnu_get_libc_version()) }
            .to_string_lossy()
            .into_owned()
    }
    #[cfg(not(target_env = "gnu"))]
    {
        String::new()
    }
}
