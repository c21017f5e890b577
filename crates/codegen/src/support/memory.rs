//! Array memory that native code allocates: reference counted, 64-byte aligned. A header of one cache line precedes the data;
//! its address is the *owner*.

use std::alloc::{Layout, alloc, alloc_zeroed, dealloc};
use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering, fence};

use omply_runtime::alloc::Unusable;

/// Distance from the owner to the data, and the alignment of both.
pub const HEADER_BYTES: usize = 64;

struct Header {
    references: AtomicUsize,
    /// Bytes of the whole block.
    size: usize,
    /// The data, where an OpenMP allocator gave it: then it does not lie behind the header.
    apart: *mut u8,
}

/// Gives up one reference to an array's memory (null: nothing happens).
///
/// # Safety
/// `owner` came from generated code and the reference is the caller's to give up.
pub unsafe fn release_owner(owner: *mut c_void) {
    if owner.is_null() {
        return;
    }
    let header = owner.cast::<Header>();
    // SAFETY: the block lives while there are references, and the last one frees it with the layout that it was made with.
    unsafe {
        // Release: what this thread wrote is done before another one frees; the fence below is the other half.
        if (*header).references.fetch_sub(1, Ordering::Release) == 1 {
            fence(Ordering::Acquire);
            if let Some(data) = NonNull::new((*header).apart) {
                omply_runtime::alloc::free(data);
            }
            if let Ok(layout) = Layout::from_size_align((*header).size, HEADER_BYTES) {
                dealloc(owner.cast(), layout);
            }
        }
    }
}

/// Takes one more reference (null: nothing happens).
///
/// # Safety
/// `owner` came from generated code and is alive.
pub unsafe fn retain_owner(owner: *mut c_void) {
    if !owner.is_null() {
        // SAFETY: the caller's promise. Relaxed: whoever retains has a reference that keeps the block alive.
        unsafe {
            (*owner.cast::<Header>())
                .references
                .fetch_add(1, Ordering::Relaxed)
        };
    }
}

/// Memory for an array of that shape, with one reference; null when there is not enough.
///
/// # Safety
/// `shape` points to `ndim` lengths, none negative.
pub unsafe extern "C" fn allocate(
    shape: *const i64,
    ndim: i64,
    element: i64,
    zeroed: i32,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    let shape = unsafe { std::slice::from_raw_parts(shape, ndim as usize) };
    let layout = bytes_of(shape, element)
        .and_then(|bytes| bytes.checked_add(HEADER_BYTES as i64))
        .and_then(|bytes| Layout::from_size_align(bytes as usize, HEADER_BYTES).ok());
    let Some(layout) = layout else {
        return std::ptr::null_mut();
    };
    // SAFETY: the layout's size is at least the header's, and the header is written before anybody reads it.
    unsafe {
        let block = if zeroed != 0 {
            alloc_zeroed(layout)
        } else {
            alloc(layout)
        };
        if !block.is_null() {
            block.cast::<Header>().write(Header {
                references: AtomicUsize::new(1),
                size: layout.size(),
                apart: std::ptr::null_mut(),
            });
        }
        block.cast()
    }
}

/// The bytes of an array's elements; none where there are too many.
fn bytes_of(shape: &[i64], element: i64) -> Option<i64> {
    if shape.contains(&0) {
        return Some(0);
    }
    shape
        .iter()
        .try_fold(element, |bytes, &dim| bytes.checked_mul(dim))
}

/// Memory of an OpenMP allocator for an array of that shape (0 stands for the task's default one), with one reference. `data`
/// receives the address of the first element. When the result is null, it receives a [`Refusal`].
///
/// # Safety
/// `shape` points to `ndim` lengths, none negative; `data` can be written.
pub unsafe extern "C" fn allocate_from(
    shape: *const i64,
    ndim: i64,
    element: i64,
    zeroed: i32,
    allocator: i64,
    align: i64,
    data: *mut usize,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    let shape = unsafe { std::slice::from_raw_parts(shape, ndim as usize) };
    let (allocator, align) = (allocator as usize, align as usize);
    let made = omply_runtime::alloc::check(align, allocator)
        .map_err(|unusable| match unusable {
            Unusable::Alignment => Refusal::Alignment,
            Unusable::Allocator => Refusal::Allocator,
        })
        .and_then(|()| block_of(bytes_of(shape, element), zeroed != 0, allocator, align));
    let (owner, found) = match made {
        Ok((owner, found)) => (owner.cast(), found.as_ptr() as usize),
        Err(refusal) => (std::ptr::null_mut(), refusal as usize),
    };
    // SAFETY: the caller's promise.
    unsafe { data.write(found) };
    owner
}

/// Why an allocator gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Refusal {
    Memory = 0,
    /// The alignment is no power of two.
    Alignment = 1,
    /// The handle is no allocator's.
    Allocator = 2,
}

/// A header of its own, and the allocator's block. Arrays without elements have one, too, so that they have an address.
fn block_of(
    bytes: Option<i64>,
    zeroed: bool,
    allocator: usize,
    align: usize,
) -> Result<(*mut Header, NonNull<u8>), Refusal> {
    let bytes = bytes.ok_or(Refusal::Memory)? as usize;
    let data = omply_runtime::alloc::allocate(bytes.max(1), align, zeroed, allocator)
        .map_err(|_| Refusal::Memory)?;
    let layout =
        Layout::from_size_align(HEADER_BYTES, HEADER_BYTES).map_err(|_| Refusal::Memory)?;
    // SAFETY: the layout is not empty, and the header is written before anybody reads it.
    unsafe {
        let header = alloc(layout).cast::<Header>();
        if header.is_null() {
            omply_runtime::alloc::free(data);
            return Err(Refusal::Memory);
        }
        header.write(Header {
            references: AtomicUsize::new(1),
            size: layout.size(),
            apart: data.as_ptr(),
        });
        Ok((header, data))
    }
}

/// # Safety
/// As [`retain_owner`].
pub unsafe extern "C" fn retain(owner: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { retain_owner(owner) };
}

/// # Safety
/// As [`release_owner`].
pub unsafe extern "C" fn release(owner: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { release_owner(owner) };
}

/// Copies elements between arrays of equal shape, as if through a buffer. Nonzero: no memory for the buffer.
///
/// # Safety
/// Shape and strides have `ndim` items and describe memory that may be read and written.
pub unsafe extern "C" fn copy_strided(
    to: *mut u8,
    from: *const u8,
    shape: *const i64,
    to_strides: *const i64,
    from_strides: *const i64,
    ndim: i64,
    element: i64,
) -> i32 {
    // SAFETY: the caller's promise.
    let (shape, to_strides, from_strides) = unsafe {
        let list = |items: *const i64| std::slice::from_raw_parts(items, ndim as usize);
        (list(shape), list(to_strides), list(from_strides))
    };
    if shape.contains(&0) {
        return 0;
    }
    let element = element as usize;
    let (to_low, to_high) = extent(to as usize, shape, to_strides, element);
    let (from_low, from_high) = extent(from as usize, shape, from_strides, element);
    if to_high <= from_low || from_high <= to_low {
        // SAFETY: the caller's promise; the two do not overlap.
        unsafe { copy_axis(to, from, shape, to_strides, from_strides, element) };
        return 0;
    }
    let mut packed_strides = vec![0i64; shape.len()];
    let mut size = element as i64;
    for axis in (0..shape.len()).rev() {
        packed_strides[axis] = size;
        size = size.saturating_mul(shape[axis]);
    }
    let mut buffer: Vec<u8> = Vec::new();
    if buffer.try_reserve_exact(size as usize).is_err() {
        return 1;
    }
    let packed = buffer.as_mut_ptr();
    // SAFETY: the buffer has room for all elements, packed; all of them are written before they are read.
    unsafe {
        copy_axis(packed, from, shape, &packed_strides, from_strides, element);
        copy_axis(to, packed, shape, to_strides, &packed_strides, element);
    }
    0
}

/// The addresses that an array spans.
fn extent(start: usize, shape: &[i64], strides: &[i64], element: usize) -> (usize, usize) {
    let (mut low, mut high) = (start as i64, (start + element) as i64);
    for (dim, stride) in shape.iter().zip(strides) {
        let span = (dim - 1) * stride;
        low += span.min(0);
        high += span.max(0);
    }
    (low as usize, high as usize)
}

/// # Safety
/// As [`copy_strided`], without overlap.
unsafe fn copy_axis(
    to: *mut u8,
    from: *const u8,
    shape: &[i64],
    to_strides: &[i64],
    from_strides: &[i64],
    element: usize,
) {
    // SAFETY: every offset lies inside the arrays, by the caller's promise.
    unsafe {
        match shape {
            [] => std::ptr::copy_nonoverlapping(from, to, element),
            [length] if to_strides[0] == element as i64 && from_strides[0] == element as i64 => {
                std::ptr::copy_nonoverlapping(from, to, element * *length as usize);
            }
            [length, rest @ ..] => {
                for index in 0..*length as isize {
                    let (to_step, from_step) = (to_strides[0] as isize, from_strides[0] as isize);
                    copy_axis(
                        to.offset(index * to_step),
                        from.offset(index * from_step),
                        rest,
                        &to_strides[1..],
                        &from_strides[1..],
                        element,
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlapping_copy_reads_everything_before_it_writes() {
        let mut values: Vec<i64> = (0..6).collect();
        let base = values.as_mut_ptr().cast::<u8>();
        // SAFETY: five elements from the first, five from the second, inside `values`.
        let status = unsafe {
            copy_strided(
                base.add(8),
                base,
                [5].as_ptr(),
                [8].as_ptr(),
                [8].as_ptr(),
                1,
                8,
            )
        };
        assert_eq!((status, values), (0, vec![0, 0, 1, 2, 3, 4]));
    }

    #[test]
    fn a_reversed_copy_in_place_swaps_the_ends() {
        let mut values: Vec<i64> = (0..4).collect();
        let base = values.as_mut_ptr().cast::<u8>();
        // SAFETY: the same four elements, one way forwards and the other backwards.
        let status = unsafe {
            copy_strided(
                base,
                base.add(24),
                [4].as_ptr(),
                [8].as_ptr(),
                [-8].as_ptr(),
                1,
                8,
            )
        };
        assert_eq!((status, values), (0, vec![3, 2, 1, 0]));
    }

    #[test]
    fn impossible_sizes_give_no_memory() {
        // SAFETY: two lengths each.
        unsafe {
            assert!(allocate([i64::MAX, 2].as_ptr(), 2, 8, 0).is_null());
            let empty = allocate([0, i64::MAX].as_ptr(), 2, 8, 1);
            assert!(!empty.is_null());
            release_owner(empty);
        }
    }

    #[test]
    fn an_allocators_array_is_aligned_and_says_why_there_is_none() {
        let mut data = 0usize;
        let mut from = |length: i64, allocator, align| {
            // SAFETY: one length; `data` can be written.
            let owner =
                unsafe { allocate_from([length].as_ptr(), 1, 8, 1, allocator, align, &mut data) };
            (owner, data)
        };
        let (owner, data) = from(10, 0, 4096);
        assert!(!owner.is_null() && data.is_multiple_of(4096));
        // SAFETY: ten zeroed elements, then the only reference.
        unsafe {
            assert_eq!(std::slice::from_raw_parts(data as *const i64, 10), [0; 10]);
            release_owner(owner);
        }
        let refused = |why: Refusal| (std::ptr::null_mut(), why as usize);
        assert_eq!(from(10, 0, 48), refused(Refusal::Alignment));
        assert_eq!(from(10, 12345, 8), refused(Refusal::Allocator));
        assert_eq!(from(i64::MAX, 0, 8), refused(Refusal::Memory));
    }
}
