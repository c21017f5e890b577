//! `omp_target_*` routines: memory of the host and of devices. Which numbers stand for whom: see `omp_device`. Copies of parts of
//! arrays are in `omp_target_rect`. The asynchronous forms generate explicit tasks, by the entry points that compiled code uses.

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use super::omp_device::{is_host, located};
use crate::devices::{self, Devices, Place, Rows};
use crate::thread;

/// The device with that number, and who knows it; `None`: the host, or nobody.
fn device(number: i32) -> Option<(&'static dyn Devices, i32)> {
    Some((devices::known()?, located(number)??))
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_target_alloc(size: usize, device_num: i32) -> *mut c_void {
    if size == 0 {
        return null_mut();
    }
    match device(device_num) {
        Some((known, number)) => known.allocate(number, size),
        // SAFETY: any size is allowed.
        None if is_host(device_num) => unsafe { libc::malloc(size) },
        None => null_mut(),
    }
}

/// # Safety
/// `pointer` is null or came from [`omp_target_alloc`] for this device.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn omp_target_free(pointer: *mut c_void, device_num: i32) {
    match device(device_num) {
        Some(_) if pointer.is_null() => {}
        Some((known, number)) => known.free(number, pointer),
        // SAFETY: the caller's promise.
        None if is_host(device_num) => unsafe { libc::free(pointer) },
        None => {}
    }
}

/// Everything is present on the host.
#[unsafe(no_mangle)]
pub extern "C" fn omp_target_is_present(pointer: *const c_void, device_num: i32) -> i32 {
    (!omp_get_mapped_ptr(pointer, device_num).is_null()).into()
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_target_is_accessible(
    pointer: *const c_void,
    size: usize,
    device_num: i32,
) -> i32 {
    if pointer.is_null() {
        return 0;
    }
    match device(device_num) {
        Some((known, number)) => known.is_accessible(number, pointer, size).into(),
        None => is_host(device_num).into(),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn omp_get_mapped_ptr(pointer: *const c_void, device_num: i32) -> *mut c_void {
    match device(device_num) {
        Some((known, number)) => known.mapped(number, pointer),
        None if is_host(device_num) => pointer.cast_mut(),
        None => null_mut(),
    }
}

/// On the host each pointer corresponds to itself, so there is nothing else to associate it with: only that succeeds.
#[unsafe(no_mangle)]
pub extern "C" fn omp_target_associate_ptr(
    host: *const c_void,
    of_device: *const c_void,
    size: usize,
    offset: usize,
    device_num: i32,
) -> i32 {
    let there = of_device.wrapping_byte_add(offset);
    let done = !host.is_null()
        && match device(device_num) {
            Some((known, number)) => known.associate(number, host, there, size),
            None => is_host(device_num) && host.addr() == there.addr(),
        };
    if done { 0 } else { libc::EINVAL }
}

/// No association on the host can be removed.
#[unsafe(no_mangle)]
pub extern "C" fn omp_target_disassociate_ptr(host: *const c_void, device_num: i32) -> i32 {
    match device(device_num) {
        Some((known, number)) if known.disassociate(number, host) => 0,
        _ => libc::EINVAL,
    }
}

/// Copies rows between any two places.
///
/// # Safety
/// Both places have room for them.
pub(super) unsafe fn copy(to: Place, from: Place, rows: &Rows) -> bool {
    match (to.1, from.1, devices::known()) {
        (None, None, _) => {
            for row in 0..rows.rows {
                // SAFETY: the caller's promise; the ranges may overlap.
                unsafe {
                    libc::memmove(
                        to.0.wrapping_byte_add(row * rows.to_pitch),
                        from.0.wrapping_byte_add(row * rows.from_pitch),
                        rows.length,
                    )
                };
            }
            true
        }
        // SAFETY: the caller's promise.
        (_, _, Some(known)) => unsafe { known.copy(to, from, rows) },
        _ => false,
    }
}

/// A copy of contiguous memory.
#[derive(Clone, Copy)]
struct Flat {
    destination: Place,
    source: Place,
    length: usize,
}

impl Flat {
    /// `None`: there is no such device, or a pointer is missing.
    fn new(
        destination: (*mut c_void, usize, i32),
        source: (*const c_void, usize, i32),
        length: usize,
    ) -> Option<Self> {
        let there = length == 0 || !destination.0.is_null() && !source.0.is_null();
        let (to, from) = (located(destination.2)?, located(source.2)?);
        there.then_some(Self {
            destination: (destination.0.wrapping_byte_add(destination.1), to),
            source: (source.0.wrapping_byte_add(source.1).cast_mut(), from),
            length,
        })
    }

    /// # Safety
    /// Both ranges are valid.
    unsafe fn run(&self) -> bool {
        // SAFETY: the caller's promise.
        self.length == 0 || unsafe { copy(self.destination, self.source, &Rows::one(self.length)) }
    }
}

/// # Safety
/// Both ranges are valid.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn omp_target_memcpy(
    destination: *mut c_void,
    source: *const c_void,
    length: usize,
    destination_offset: usize,
    source_offset: usize,
    destination_device: i32,
    source_device: i32,
) -> i32 {
    let destination = (destination, destination_offset, destination_device);
    let source = (source, source_offset, source_device);
    match Flat::new(destination, source, length) {
        // SAFETY: the caller's promise.
        Some(copy) if unsafe { copy.run() } => 0,
        _ => libc::EINVAL,
    }
}

/// # Safety
/// As [`omp_target_memcpy`], until the copy's task has completed; the dependence objects are initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn omp_target_memcpy_async(
    destination: *mut c_void,
    source: *const c_void,
    length: usize,
    destination_offset: usize,
    source_offset: usize,
    destination_device: i32,
    source_device: i32,
    depobj_count: i32,
    depobjs: *const *const Dependence,
) -> i32 {
    unsafe extern "C" fn run(_gtid: i32, task: *mut Task) -> i32 {
        // SAFETY: the task's storage holds the copy, and the program promised the ranges.
        unsafe { (*(*task).storage.cast::<Flat>()).run() };
        0
    }
    let destination = (destination, destination_offset, destination_device);
    let source = (source, source_offset, source_device);
    let Some(copy) = Flat::new(destination, source, length) else {
        return libc::EINVAL;
    };
    // SAFETY: the caller's promise; the storage has room for the copy.
    unsafe {
        generate(run, size_of::<Flat>(), depobj_count, depobjs, |storage| {
            storage.cast::<Flat>().write(copy);
        })
    }
}

/// # Safety
/// The range is valid.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn omp_target_memset(
    pointer: *mut c_void,
    value: i32,
    length: usize,
    device_num: i32,
) -> *mut c_void {
    if !pointer.is_null() && located(device_num).is_some() {
        let fill = Fill {
            pointer,
            value,
            length,
            device_num,
        };
        // SAFETY: the caller's promise.
        unsafe { fill.run() };
    }
    pointer
}

/// Memory to be set.
#[derive(Clone, Copy)]
struct Fill {
    pointer: *mut c_void,
    value: i32,
    length: usize,
    device_num: i32,
}

impl Fill {
    /// # Safety
    /// The range is valid.
    unsafe fn run(&self) {
        // SAFETY: the caller's promise.
        unsafe {
            match device(self.device_num) {
                // As for the host, only the low byte counts. There is nobody to tell of a failure.
                Some((known, number)) => {
                    let _ = known.fill(number, self.pointer, self.value as u8, self.length);
                }
                None => {
                    libc::memset(self.pointer, self.value, self.length);
                }
            }
        }
    }
}

/// # Safety
/// As [`omp_target_memset`], until the task has completed; the dependence objects are initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn omp_target_memset_async(
    pointer: *mut c_void,
    value: i32,
    length: usize,
    device_num: i32,
    depobj_count: i32,
    depobjs: *const *const Dependence,
) -> *mut c_void {
    unsafe extern "C" fn run(_gtid: i32, task: *mut Task) -> i32 {
        // SAFETY: the task's storage holds the arguments, and the program promised the range.
        unsafe {
            (*(*task).storage.cast::<Fill>()).run();
        }
        0
    }
    if !pointer.is_null() && located(device_num).is_some() {
        let fill = Fill {
            pointer,
            value,
            length,
            device_num,
        };
        // SAFETY: the caller's promise; the storage has room for the arguments.
        unsafe {
            generate(run, size_of::<Fill>(), depobj_count, depobjs, |storage| {
                storage.cast::<Fill>().write(fill);
            })
        };
    }
    pointer
}

/// The beginning of a task, as compiled code knows it: where its shared variables are.
#[repr(C)]
pub struct Task {
    pub storage: *mut c_void,
}

/// An item of a dependence object: an object of n items is a pointer to the first, and the item before that one holds n in
/// the place of an address.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Dependence {
    address: usize,
    length: usize,
    flags: u8,
}

unsafe extern "C" {
    fn __kmpc_omp_task_alloc(
        loc: *const c_void,
        gtid: i32,
        flags: i32,
        size: usize,
        shareds: usize,
        entry: unsafe extern "C" fn(i32, *mut Task) -> i32,
    ) -> *mut Task;
    fn __kmpc_omp_task_with_deps(
        loc: *const c_void,
        gtid: i32,
        task: *mut Task,
        count: i32,
        list: *const Dependence,
        noalias_count: i32,
        noalias_list: *const Dependence,
    ) -> i32;
    fn __kmpc_omp_task(loc: *const c_void, gtid: i32, task: *mut Task) -> i32;
}

/// Generates a task with `size` bytes of storage that `fill` fills.
///
/// # Safety
/// `entry` may be called with such a task; `fill` keeps to the storage; the dependence objects are initialised.
pub(super) unsafe fn generate(
    entry: unsafe extern "C" fn(i32, *mut Task) -> i32,
    size: usize,
    depobj_count: i32,
    depobjs: *const *const Dependence,
    fill: impl FnOnce(*mut c_void),
) -> i32 {
    /// Clang's flag for a tied task.
    const TIED: i32 = 1;
    /// What compiled code calls a task: five words, of which the first is the storage.
    const TASK_SIZE: usize = 5 * size_of::<usize>();
    let gtid = thread::current().gtid.get();
    let count = if depobjs.is_null() {
        0
    } else {
        usize::try_from(depobj_count).unwrap_or(0)
    };
    // SAFETY: the caller's promise.
    unsafe {
        let mut dependences: Vec<Dependence> = Vec::new();
        for index in 0..count {
            let items = *depobjs.add(index);
            if items.is_null() {
                return libc::EINVAL;
            }
            let length = (*items.sub(1)).address;
            dependences.extend_from_slice(std::slice::from_raw_parts(items, length));
        }
        let task = __kmpc_omp_task_alloc(null(), gtid, TIED, TASK_SIZE, size, entry);
        fill((*task).storage);
        if dependences.is_empty() {
            __kmpc_omp_task(null(), gtid, task);
        } else {
            let (count, list) = (dependences.len() as i32, dependences.as_ptr());
            __kmpc_omp_task_with_deps(null(), gtid, task, count, list, 0, null());
        }
    }
    0
}
