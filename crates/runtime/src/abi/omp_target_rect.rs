//! `omp_target_memcpy_rect` and its asynchronous form: copies of rectangular parts of arrays of any number of dimensions.

use std::ffi::c_void;

use super::omp_device::located;
use super::omp_target::{Dependence, Task, copy, generate};
use crate::devices::{Place, Rows};

/// A copy of a rectangular part of an array. Extents, in elements, follow in five arrays of `dimensions` numbers each: volume,
/// offsets in the destination and in the source, and both arrays' sizes.
#[derive(Clone, Copy)]
struct Rectangle {
    destination: Place,
    source: Place,
    element: usize,
    dimensions: usize,
}

/// The extents of a [`Rectangle`], outermost dimension first.
#[derive(Clone, Copy)]
struct Extents<'a> {
    volume: &'a [usize],
    to_offsets: &'a [usize],
    from_offsets: &'a [usize],
    to_sizes: &'a [usize],
    from_sizes: &'a [usize],
}

impl<'a> Extents<'a> {
    /// # Safety
    /// `arrays` are as many numbers as `dimensions` each.
    unsafe fn new(arrays: [*const usize; 5], dimensions: usize) -> Self {
        // SAFETY: the caller's promise.
        let [volume, to_offsets, from_offsets, to_sizes, from_sizes] =
            arrays.map(|array| unsafe { std::slice::from_raw_parts(array, dimensions) });
        Self {
            volume,
            to_offsets,
            from_offsets,
            to_sizes,
            from_sizes,
        }
    }

    /// The part lies within both arrays, whose sizes in bytes can be told.
    fn fit(&self, element: usize) -> bool {
        let within = |offsets: &[usize], sizes: &[usize]| {
            let bytes = sizes
                .iter()
                .try_fold(element, |bytes, &size| bytes.checked_mul(size));
            bytes.is_some()
                && (0..self.volume.len()).all(|dimension| {
                    self.volume[dimension]
                        .checked_add(offsets[dimension])
                        .is_some_and(|end| end <= sizes[dimension])
                })
        };
        within(self.to_offsets, self.to_sizes) && within(self.from_offsets, self.from_sizes)
    }
}

impl Rectangle {
    /// # Safety
    /// Both arrays are valid; the extents fit.
    unsafe fn run(&self, extents: Extents) -> bool {
        if extents.volume.contains(&0) {
            return true;
        }
        // The last dimension is contiguous; the one before it is one copy of rows. The position is that in the others.
        let last = self.dimensions - 1;
        let outer = last.saturating_sub(1);
        let pitch = |sizes: &[usize]| sizes[last] * self.element;
        let rows = Rows {
            length: extents.volume[last] * self.element,
            rows: if last > 0 {
                extents.volume[last - 1]
            } else {
                1
            },
            to_pitch: pitch(extents.to_sizes),
            from_pitch: pitch(extents.from_sizes),
        };
        let mut position = vec![0usize; outer];
        loop {
            let start = |place: Place, offsets: &[usize], sizes: &[usize]| {
                let index = (0..self.dimensions).fold(0, |index, dimension| {
                    let at = position.get(dimension).copied().unwrap_or(0);
                    index * sizes[dimension] + offsets[dimension] + at
                });
                (place.0.wrapping_byte_add(index * self.element), place.1)
            };
            let to = start(self.destination, extents.to_offsets, extents.to_sizes);
            let from = start(self.source, extents.from_offsets, extents.from_sizes);
            // SAFETY: the caller's promise.
            if !unsafe { copy(to, from, &rows) } {
                return false;
            }
            let Some(dimension) = (0..outer)
                .rev()
                .find(|&dimension| position[dimension] + 1 < extents.volume[dimension])
            else {
                return true;
            };
            position[dimension] += 1;
            position[dimension + 1..].fill(0);
        }
    }

    /// `None`: an argument makes no sense, or there is no such device.
    ///
    /// # Safety
    /// The arrays hold as many numbers as there are dimensions, or are null.
    unsafe fn new<'a>(
        destination: (*mut c_void, i32),
        source: (*const c_void, i32),
        element: usize,
        dimensions: i32,
        arrays: [*const usize; 5],
    ) -> Option<(Self, Extents<'a>)> {
        let dimensions = usize::try_from(dimensions).ok().filter(|&n| n > 0)?;
        let there = !destination.0.is_null()
            && !source.0.is_null()
            && element > 0
            && arrays.iter().all(|array| !array.is_null());
        let (to, from) = (located(destination.1)?, located(source.1)?);
        if !there {
            return None;
        }
        // SAFETY: the caller's promise.
        let extents = unsafe { Extents::new(arrays, dimensions) };
        extents.fit(element).then_some((
            Self {
                destination: (destination.0, to),
                source: (source.0.cast_mut(), from),
                element,
                dimensions,
            },
            extents,
        ))
    }
}

/// Null for both pointers asks how many dimensions are supported: any number.
///
/// # Safety
/// Both arrays are valid, the extents hold `dimensions` numbers each.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn omp_target_memcpy_rect(
    destination: *mut c_void,
    source: *const c_void,
    element: usize,
    dimensions: i32,
    volume: *const usize,
    destination_offsets: *const usize,
    source_offsets: *const usize,
    destination_sizes: *const usize,
    source_sizes: *const usize,
    destination_device: i32,
    source_device: i32,
) -> i32 {
    if destination.is_null() && source.is_null() {
        return i32::MAX;
    }
    // SAFETY: the caller's promise.
    unsafe {
        match Rectangle::new(
            (destination, destination_device),
            (source, source_device),
            element,
            dimensions,
            [
                volume,
                destination_offsets,
                source_offsets,
                destination_sizes,
                source_sizes,
            ],
        ) {
            Some((copy, extents)) if copy.run(extents) => 0,
            _ => libc::EINVAL,
        }
    }
}

/// # Safety
/// As [`omp_target_memcpy_rect`] (of the extents a copy is made), until the task has completed; the dependence objects are
/// initialised.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn omp_target_memcpy_rect_async(
    destination: *mut c_void,
    source: *const c_void,
    element: usize,
    dimensions: i32,
    volume: *const usize,
    destination_offsets: *const usize,
    source_offsets: *const usize,
    destination_sizes: *const usize,
    source_sizes: *const usize,
    destination_device: i32,
    source_device: i32,
    depobj_count: i32,
    depobjs: *const *const Dependence,
) -> i32 {
    unsafe extern "C" fn run(_gtid: i32, task: *mut Task) -> i32 {
        // SAFETY: the task's storage holds the copy and its extents, and the program promised the arrays.
        unsafe {
            let copy = (*task).storage.cast::<Rectangle>();
            let arrays = copy.add(1).cast::<usize>();
            let n = (*copy).dimensions;
            let extents = Extents::new([0, 1, 2, 3, 4].map(|k| arrays.add(k * n).cast_const()), n);
            (*copy).run(extents);
        }
        0
    }
    if destination.is_null() && source.is_null() {
        return i32::MAX;
    }
    let arrays = [
        volume,
        destination_offsets,
        source_offsets,
        destination_sizes,
        source_sizes,
    ];
    // SAFETY: the caller's promise; the storage has room for the copy and its extents.
    unsafe {
        let Some((copy, _)) = Rectangle::new(
            (destination, destination_device),
            (source, source_device),
            element,
            dimensions,
            arrays,
        ) else {
            return libc::EINVAL;
        };
        let n = copy.dimensions;
        let size = size_of::<Rectangle>() + 5 * n * size_of::<usize>();
        generate(run, size, depobj_count, depobjs, |storage| {
            let head = storage.cast::<Rectangle>();
            head.write(copy);
            for (k, array) in arrays.into_iter().enumerate() {
                let copied = head.add(1).cast::<usize>().add(k * n);
                copied.copy_from_nonoverlapping(array, n);
            }
        })
    }
}
