//! OpenMP's memory routines: allocators by their handles, and blocks of memory as objects with the buffer protocol, which free
//! themselves when nobody refers to them.

use omply_runtime::abi::omp_alloc as routines;
use omply_runtime::alloc::{self, Failure, NULL_ALLOCATOR, TraitPair};
use pyo3::exceptions::{PyBufferError, PyMemoryError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use std::ffi::{c_int, c_void};
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

/// What is known of a block; without one it has been freed.
struct Block {
    memory: Option<NonNull<u8>>,
    size: usize,
    /// Views of it that exist.
    exports: usize,
}

// SAFETY: a block belongs to nobody's thread; the lock around it orders who touches it.
unsafe impl Send for Block {}

/// Memory of an allocator; what `omp_alloc` and its like return. `memoryview(m)` and `numpy.frombuffer(m, ...)` look into it.
#[pyclass(frozen, module = "omply._core", name = "Memory")]
struct Memory(Mutex<Block>);

impl Memory {
    fn block(&self) -> std::sync::MutexGuard<'_, Block> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the memory out, so that nothing refers to it any more.
    fn take(&self) -> PyResult<NonNull<u8>> {
        let mut block = self.block();
        if block.exports > 0 {
            return Err(PyBufferError::new_err(
                "the memory is still looked into, by an array or a memoryview",
            ));
        }
        block
            .memory
            .take()
            .ok_or_else(|| PyValueError::new_err("the memory has been freed"))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let block = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(memory) = block.memory.take() {
            // SAFETY: it came from the allocator, and no view of it is left, as views keep the object alive.
            unsafe { alloc::free(memory) };
        }
    }
}

#[pymethods]
impl Memory {
    fn __len__(&self) -> usize {
        self.block().size
    }

    /// The address of the first byte.
    #[getter]
    fn address(&self) -> PyResult<usize> {
        let memory = self.block().memory;
        memory
            .map(|memory| memory.as_ptr() as usize)
            .ok_or_else(|| PyValueError::new_err("the memory has been freed"))
    }

    /// # Safety
    /// As CPython calls it: `view` is valid for writes.
    unsafe fn __getbuffer__(
        slf: Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        let (memory, size) = {
            let mut block = slf.get().block();
            let Some(memory) = block.memory else {
                return Err(PyBufferError::new_err("the memory has been freed"));
            };
            block.exports += 1;
            (memory, block.size)
        };
        // SAFETY: the memory holds `size` bytes and is not freed while a view of it exists.
        let status = unsafe {
            ffi::PyBuffer_FillInfo(
                view,
                slf.as_ptr(),
                memory.as_ptr().cast::<c_void>(),
                size as ffi::Py_ssize_t,
                0,
                flags,
            )
        };
        if status != 0 {
            slf.get().block().exports -= 1;
            return Err(PyErr::fetch(slf.py()));
        }
        Ok(())
    }

    /// # Safety
    /// As CPython calls it, once for every view.
    unsafe fn __releasebuffer__(&self, _view: *mut ffi::Py_buffer) {
        self.block().exports -= 1;
    }
}

/// The block as an object; None where there is no memory and the allocator's fallback is a null pointer.
fn object(block: Result<NonNull<u8>, Failure>, size: usize) -> PyResult<Option<Memory>> {
    match block {
        Ok(memory) => Ok(Some(Memory(Mutex::new(Block {
            memory: Some(memory),
            size,
            exports: 0,
        })))),
        Err(Failure::Null) => Ok(None),
        Err(Failure::Abort) => Err(PyMemoryError::new_err(format!(
            "there are no {size} bytes, and the allocator's fallback is abort_fb"
        ))),
        Err(Failure::Unknown(handle)) => Err(PyValueError::new_err(format!(
            "{handle:#x} is not an allocator"
        ))),
    }
}

fn power_of_two(alignment: usize) -> PyResult<usize> {
    if alignment.is_power_of_two() {
        return Ok(alignment);
    }
    let text = format!("an alignment is a power of two, not {alignment}");
    Err(PyValueError::new_err(text))
}

/// Bytes of `count` elements; too many for a number: more than there can be.
fn bytes(count: usize, size: usize) -> usize {
    count.saturating_mul(size)
}

#[pyfunction]
#[pyo3(signature = (size, allocator=NULL_ALLOCATOR))]
fn omp_alloc(size: usize, allocator: usize) -> PyResult<Option<Memory>> {
    object(alloc::allocate(size, 1, false, allocator), size)
}

#[pyfunction]
#[pyo3(signature = (alignment, size, allocator=NULL_ALLOCATOR))]
fn omp_aligned_alloc(alignment: usize, size: usize, allocator: usize) -> PyResult<Option<Memory>> {
    let alignment = power_of_two(alignment)?;
    object(alloc::allocate(size, alignment, false, allocator), size)
}

#[pyfunction]
#[pyo3(signature = (nmemb, size, allocator=NULL_ALLOCATOR))]
fn omp_calloc(nmemb: usize, size: usize, allocator: usize) -> PyResult<Option<Memory>> {
    let size = bytes(nmemb, size);
    object(alloc::allocate(size, 1, true, allocator), size)
}

#[pyfunction]
#[pyo3(signature = (alignment, nmemb, size, allocator=NULL_ALLOCATOR))]
fn omp_aligned_calloc(
    alignment: usize,
    nmemb: usize,
    size: usize,
    allocator: usize,
) -> PyResult<Option<Memory>> {
    let (alignment, size) = (power_of_two(alignment)?, bytes(nmemb, size));
    object(alloc::allocate(size, alignment, true, allocator), size)
}

/// The memory's contents in a block of another size; the old object is freed.
#[pyfunction]
#[pyo3(signature = (memory, size, allocator=NULL_ALLOCATOR, free_allocator=NULL_ALLOCATOR))]
fn omp_realloc(
    memory: Option<&Memory>,
    size: usize,
    allocator: usize,
    free_allocator: usize,
) -> PyResult<Option<Memory>> {
    let Some(memory) = memory else {
        return omp_alloc(size, allocator);
    };
    if size == 0 {
        omp_free(Some(memory), free_allocator)?;
        return Ok(None);
    }
    let old = memory.take()?;
    // SAFETY: the block came from an allocator, and nothing refers to it any more.
    let made = unsafe { alloc::reallocate(old, size, allocator) };
    if made.is_err() {
        // A block that cannot be moved stays as it is.
        memory.block().memory = Some(old);
    }
    object(made, size)
}

/// Frees the memory now; an error while something looks into it.
#[pyfunction]
#[pyo3(signature = (memory, allocator=NULL_ALLOCATOR))]
fn omp_free(memory: Option<&Memory>, allocator: usize) -> PyResult<()> {
    // A block knows its allocator.
    let _ = allocator;
    if let Some(memory) = memory {
        let block = memory.take()?;
        // SAFETY: the block came from an allocator, and nothing refers to it any more.
        unsafe { alloc::free(block) };
    }
    Ok(())
}

/// The handle of a new allocator; `omp_null_allocator` where the traits cannot be had.
#[pyfunction]
#[pyo3(signature = (memspace, traits=Vec::new()))]
fn omp_init_allocator(memspace: usize, traits: Vec<(i32, isize)>) -> usize {
    let pairs: Vec<TraitPair> = traits
        .into_iter()
        .map(|(key, value)| TraitPair {
            key,
            value: value as usize,
        })
        .collect();
    alloc::init_allocator(memspace, &pairs)
}

#[pyfunction]
fn omp_destroy_allocator(allocator: usize) {
    routines::omp_destroy_allocator(allocator);
}

#[pyfunction]
fn omp_set_default_allocator(allocator: usize) {
    routines::omp_set_default_allocator(allocator);
}

#[pyfunction]
fn omp_get_default_allocator() -> usize {
    routines::omp_get_default_allocator()
}

#[pyfunction]
fn omp_get_memspace_num_resources(memspace: usize) -> i32 {
    routines::omp_get_memspace_num_resources(memspace)
}

#[pyfunction]
fn omp_get_memspace_pagesize(memspace: usize) -> usize {
    routines::omp_get_memspace_pagesize(memspace)
}

const CONSTANTS: &[(&str, isize)] = &[
    ("omp_null_allocator", 0),
    ("omp_default_mem_alloc", 1),
    ("omp_large_cap_mem_alloc", 2),
    ("omp_const_mem_alloc", 3),
    ("omp_high_bw_mem_alloc", 4),
    ("omp_low_lat_mem_alloc", 5),
    ("omp_cgroup_mem_alloc", 6),
    ("omp_pteam_mem_alloc", 7),
    ("omp_thread_mem_alloc", 8),
    ("omp_null_mem_space", 0),
    ("omp_default_mem_space", 99),
    ("omp_large_cap_mem_space", 1),
    ("omp_const_mem_space", 2),
    ("omp_high_bw_mem_space", 3),
    ("omp_low_lat_mem_space", 4),
    ("omp_atk_sync_hint", 1),
    ("omp_atk_alignment", 2),
    ("omp_atk_access", 3),
    ("omp_atk_pool_size", 4),
    ("omp_atk_fallback", 5),
    ("omp_atk_fb_data", 6),
    ("omp_atk_pinned", 7),
    ("omp_atk_partition", 8),
    ("omp_atv_default", -1),
    ("omp_atv_false", 0),
    ("omp_atv_true", 1),
    ("omp_atv_contended", 3),
    ("omp_atv_uncontended", 4),
    ("omp_atv_serialized", 5),
    ("omp_atv_private", 6),
    ("omp_atv_device", 7),
    ("omp_atv_thread", 8),
    ("omp_atv_pteam", 9),
    ("omp_atv_cgroup", 10),
    ("omp_atv_default_mem_fb", 11),
    ("omp_atv_null_fb", 12),
    ("omp_atv_abort_fb", 13),
    ("omp_atv_allocator_fb", 14),
    ("omp_atv_environment", 15),
    ("omp_atv_nearest", 16),
    ("omp_atv_blocked", 17),
    ("omp_atv_interleaved", 18),
    ("omp_atv_all", 19),
];

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    macro_rules! add {
        ($($name:ident)*) => { $(m.add_function(wrap_pyfunction!($name, m)?)?;)* };
    }
    add! {
        omp_alloc omp_aligned_alloc omp_calloc omp_aligned_calloc omp_realloc omp_free
        omp_init_allocator omp_destroy_allocator omp_set_default_allocator omp_get_default_allocator
        omp_get_memspace_num_resources omp_get_memspace_pagesize
    }
    for (name, value) in CONSTANTS {
        m.add(*name, *value)?;
    }
    m.add_class::<Memory>()
}
