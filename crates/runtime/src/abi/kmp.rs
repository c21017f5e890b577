//! Routines that LLVM's and Intel's libraries have beyond OpenMP's: `kmp_*` for C, `kmpc_*` and `kmp_*_` for Fortran. What tunes
//! those libraries without a counterpart here is accepted and has no effect; the documentation's table says which.

use std::ffi::{CStr, c_char, c_void};
use std::time::Duration;

use super::kmpc_cancel::__kmpc_cancellationpoint;
use super::omp::{omp_set_max_active_levels, omp_set_num_threads};
use crate::config;
use crate::settings;
use crate::thread;

/// The routine by value under both names C and Fortran's interfaces use, and by address.
macro_rules! setting {
    ($($name:ident $bound:ident $by_address:ident ($value:ident: $type:ty) $body:expr;)*) => {$(
        #[unsafe(no_mangle)]
        pub extern "C" fn $name($value: $type) {
            $body
        }

        #[unsafe(no_mangle)]
        pub extern "C" fn $bound(value: $type) {
            $name(value);
        }

        /// # Safety
        /// `value` is a valid address.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $by_address(value: *const $type) {
            // SAFETY: the caller's promise.
            $name(unsafe { *value });
        }
    )*};
}

/// Values of `kmp_set_library`.
const SERIAL: i32 = 1;
const TURNAROUND: i32 = 2;
const THROUGHPUT: i32 = 3;

/// How long threads poll that never sleep.
const FOR_EVER: Duration = Duration::from_secs(i32::MAX as u64);

setting! {
    // Milliseconds; the largest number: threads never sleep.
    kmp_set_blocktime kmpc_set_blocktime kmp_set_blocktime_ (time: i32)
        settings::set_blocktime(Duration::from_millis(time.max(0) as u64));
    kmp_set_stacksize kmpc_set_stacksize kmp_set_stacksize_ (size: i32)
        settings::set_stack_size(size.max(0) as usize);
    kmp_set_stacksize_s kmpc_set_stacksize_s kmp_set_stacksize_s_ (size: usize)
        settings::set_stack_size(size);
    // Serial: regions of the calling task are inactive. Turnaround: threads poll, because nobody else wants the processors.
    kmp_set_library kmpc_set_library kmp_set_library_ (library: i32) {
        match library {
            SERIAL => {
                omp_set_num_threads(1);
                omp_set_max_active_levels(0);
            }
            TURNAROUND => settings::set_blocktime(FOR_EVER),
            THROUGHPUT => settings::reset_blocktime(),
            _ => return,
        }
        settings::set_library(library);
    };
    // Loops here share a ring of fixed size.
    kmp_set_disp_num_buffers kmpc_set_disp_num_buffers kmp_set_disp_num_buffers_ (_number: i32) {};
}

macro_rules! plain {
    ($($name:ident $fortran:ident() $(-> $result:ty)? $body:block)*) => {$(
        #[unsafe(no_mangle)]
        pub extern "C" fn $name() $(-> $result)? $body

        #[unsafe(no_mangle)]
        pub extern "C" fn $fortran() $(-> $result)? {
            $name()
        }
    )*};
}

plain! {
    kmp_get_blocktime kmp_get_blocktime_() -> i32 {
        i32::try_from(settings::blocktime().as_millis()).unwrap_or(i32::MAX)
    }
    kmp_get_stacksize kmp_get_stacksize_() -> i32 {
        i32::try_from(settings::stack_size()).unwrap_or(i32::MAX)
    }
    kmp_get_stacksize_s kmp_get_stacksize_s_() -> usize { settings::stack_size() }
    kmp_get_library kmp_get_library_() -> i32 {
        match settings::library() {
            0 => THROUGHPUT,
            library => library,
        }
    }
    kmp_set_library_serial kmp_set_library_serial_() { kmp_set_library(SERIAL) }
    kmp_set_library_turnaround kmp_set_library_turnaround_() { kmp_set_library(TURNAROUND) }
    kmp_set_library_throughput kmp_set_library_throughput_() { kmp_set_library(THROUGHPUT) }
    kmp_get_num_known_threads kmp_get_num_known_threads_() -> i32 { crate::process::running().max(1) }
    kmp_get_affinity_max_proc kmp_get_affinity_max_proc_() -> i32 { processors() as i32 }
    kmp_set_warnings_on kmp_set_warnings_on_() {}
    kmp_set_warnings_off kmp_set_warnings_off_() {}
}

/// `NAME=VALUE` for environment variables that are not set; only before the runtime has read its configuration.
unsafe fn set_defaults(text: &[u8]) {
    if config::is_read() {
        return;
    }
    for setting in text.split(|byte| matches!(byte, b'|' | b'\n')) {
        let Some(equals) = setting.iter().position(|byte| *byte == b'=') else {
            continue;
        };
        let (name, value) = (setting[..equals].trim_ascii(), &setting[equals + 1..]);
        let c_string = |bytes: &[u8]| std::ffi::CString::new(bytes).ok();
        if let (Some(name), Some(value)) = (c_string(name), c_string(value)) {
            // SAFETY: both are C strings; 0: a value that is there stays.
            unsafe { libc::setenv(name.as_ptr(), value.as_ptr(), 0) };
        }
    }
}

/// # Safety
/// `text` is null or a C string; no other thread uses the environment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kmp_set_defaults(text: *const c_char) {
    if !text.is_null() {
        // SAFETY: the caller's promise.
        unsafe { set_defaults(CStr::from_ptr(text).to_bytes()) };
    }
}

/// # Safety
/// As [`kmp_set_defaults`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kmpc_set_defaults(text: *const c_char) {
    // SAFETY: the caller's promise.
    unsafe { kmp_set_defaults(text) };
}

/// # Safety
/// `text` has `length` bytes; no other thread uses the environment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kmp_set_defaults_(text: *const c_char, length: i32) {
    if !text.is_null() && length > 0 {
        // SAFETY: the caller's promise.
        unsafe { set_defaults(std::slice::from_raw_parts(text.cast(), length as usize)) };
    }
}

/// Is the construct of that kind (Clang's number) cancelled for the calling thread?
#[unsafe(no_mangle)]
pub extern "C" fn kmp_get_cancellation_status(kind: i32) -> i32 {
    __kmpc_cancellationpoint(std::ptr::null(), thread::current().gtid.get(), kind)
}

/// # Safety
/// `kind` is a valid address.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kmp_get_cancellation_status_(kind: *const i32) -> i32 {
    // SAFETY: the caller's promise.
    kmp_get_cancellation_status(unsafe { *kind })
}

/// A set of processors. Programs hold a pointer to it.
type Mask = libc::cpu_set_t;

/// Processors that a set can hold.
const MASK_BITS: usize = 8 * size_of::<Mask>();

/// One more than the highest number of a processor.
fn processors() -> usize {
    // SAFETY: takes a number.
    let configured = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_CONF) };
    usize::try_from(configured).unwrap_or(1).min(MASK_BITS)
}

/// # Safety
/// `mask` is the address of the program's variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kmp_create_affinity_mask(mask: *mut *mut Mask) {
    // SAFETY: the caller's promise; a set of zeros is empty.
    unsafe { *mask = Box::into_raw(Box::new(std::mem::zeroed())) };
}

/// # Safety
/// The set came from [`kmp_create_affinity_mask`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kmp_destroy_affinity_mask(mask: *mut *mut Mask) {
    // SAFETY: the caller's promise.
    unsafe {
        drop(Box::from_raw(*mask));
        *mask = std::ptr::null_mut();
    }
}

/// Binds the calling thread. 0: done.
///
/// # Safety
/// The set came from [`kmp_create_affinity_mask`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kmp_set_affinity(mask: *mut *mut Mask) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { libc::sched_setaffinity(0, size_of::<Mask>(), *mask) }
}

/// The calling thread's binding. 0: done.
///
/// # Safety
/// The set came from [`kmp_create_affinity_mask`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kmp_get_affinity(mask: *mut *mut Mask) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { libc::sched_getaffinity(0, size_of::<Mask>(), *mask) }
}

/// -1: there is no such processor.
fn processor(number: i32) -> Result<usize, i32> {
    usize::try_from(number)
        .ok()
        .filter(|&number| number < processors())
        .ok_or(-1)
}

macro_rules! of_mask {
    ($($name:ident $bound:ident $by_address:ident = |$number:ident, $mask:ident| $body:expr;)*) => {$(
        /// -1: there is no such processor.
        ///
        /// # Safety
        /// The set came from [`kmp_create_affinity_mask`].
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(number: i32, mask: *mut *mut Mask) -> i32 {
            match processor(number) {
                // SAFETY: the caller's promise; the number is within the set.
                Ok($number) => unsafe {
                    let $mask = &mut **mask;
                    $body
                },
                Err(code) => code,
            }
        }

        /// # Safety
        /// As the routine for C.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $bound(number: i32, mask: *mut *mut Mask) -> i32 {
            // SAFETY: the caller's promise.
            unsafe { $name(number, mask) }
        }

        /// # Safety
        /// As the routine for C, and `number` is a valid address.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $by_address(number: *const i32, mask: *mut *mut Mask) -> i32 {
            // SAFETY: the caller's promise.
            unsafe { $name(*number, mask) }
        }
    )*};
}

of_mask! {
    kmp_set_affinity_mask_proc kmpc_set_affinity_mask_proc kmp_set_affinity_mask_proc_ = |number, mask| {
        libc::CPU_SET(number, mask);
        0
    };
    kmp_unset_affinity_mask_proc kmpc_unset_affinity_mask_proc kmp_unset_affinity_mask_proc_ = |number, mask| {
        libc::CPU_CLR(number, mask);
        0
    };
    kmp_get_affinity_mask_proc kmpc_get_affinity_mask_proc kmp_get_affinity_mask_proc_ = |number, mask| {
        libc::CPU_ISSET(number, mask).into()
    };
}

macro_rules! same {
    ($($fortran:ident = $name:ident() $(-> $result:ty)?;)*) => {$(
        /// # Safety
        /// As the routine for C.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $fortran(mask: *mut *mut Mask) $(-> $result)? {
            // SAFETY: the caller's promise.
            unsafe { $name(mask) }
        }
    )*};
}

same! {
    kmp_create_affinity_mask_ = kmp_create_affinity_mask();
    kmp_destroy_affinity_mask_ = kmp_destroy_affinity_mask();
    kmp_set_affinity_ = kmp_set_affinity() -> i32;
    kmp_get_affinity_ = kmp_get_affinity() -> i32;
}

macro_rules! memory {
    ($($name:ident $bound:ident $by_address:ident ($($value:ident: $type:ty),*) $body:expr;)*) => {$(
        /// # Safety
        /// As the C library's routine.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($value: $type),*) -> *mut c_void {
            // SAFETY: the caller's promise.
            unsafe { $body }
        }

        /// # Safety
        /// As the C library's routine.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $bound($($value: $type),*) -> *mut c_void {
            // SAFETY: the caller's promise.
            unsafe { $name($($value),*) }
        }

        /// # Safety
        /// As the C library's routine, and the arguments are valid addresses.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $by_address($($value: *const $type),*) -> *mut c_void {
            // SAFETY: the caller's promise.
            unsafe { $name($(*$value),*) }
        }
    )*};
}

/// Memory aligned as asked for; null for an alignment that is no power of two.
unsafe fn aligned(size: usize, alignment: usize) -> *mut c_void {
    let mut memory = std::ptr::null_mut();
    // SAFETY: the routine checks the alignment.
    unsafe { libc::posix_memalign(&raw mut memory, alignment.max(size_of::<usize>()), size) };
    memory
}

memory! {
    kmp_malloc kmpc_malloc kmp_malloc_ (size: usize) libc::malloc(size);
    kmp_aligned_malloc kmpc_aligned_malloc kmp_aligned_malloc_ (size: usize, alignment: usize) aligned(size, alignment);
    kmp_calloc kmpc_calloc kmp_calloc_ (count: usize, size: usize) libc::calloc(count, size);
    kmp_realloc kmpc_realloc kmp_realloc_ (memory: *mut c_void, size: usize) libc::realloc(memory, size);
}

/// # Safety
/// The memory came from one of the routines above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kmp_free(memory: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { libc::free(memory) };
}

/// # Safety
/// As [`kmp_free`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kmpc_free(memory: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { kmp_free(memory) };
}

/// # Safety
/// As [`kmp_free`], and the argument is a valid address.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kmp_free_(memory: *const *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { kmp_free(*memory) };
}
