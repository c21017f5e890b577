"""Allocators and blocks of memory."""

import gc

import numpy as np
import omply
import pytest
from omply import (
    omp_aligned_alloc,
    omp_aligned_calloc,
    omp_alloc,
    omp_atk_alignment,
    omp_atk_fallback,
    omp_atk_pool_size,
    omp_atv_abort_fb,
    omp_atv_null_fb,
    omp_calloc,
    omp_default_mem_alloc,
    omp_default_mem_space,
    omp_destroy_allocator,
    omp_free,
    omp_get_default_allocator,
    omp_high_bw_mem_alloc,
    omp_init_allocator,
    omp_null_allocator,
    omp_realloc,
    omp_set_default_allocator,
)


def test_memory_is_looked_into_by_arrays():
    memory = omp_calloc(10, 8, omp_default_mem_alloc)
    array = np.frombuffer(memory, dtype=np.int64)
    assert len(memory) == 80
    array[:] = range(10)
    assert bytes(memory[:8] if hasattr(memory, "__getitem__") else memoryview(memory)[8:9]) == b"\x01"
    with pytest.raises(BufferError, match="looked into"):
        omp_free(memory)
    assert array.sum() == 45
    del array
    gc.collect()
    omp_free(memory)
    with pytest.raises(ValueError, match="freed"):
        omp_free(memory)
    with pytest.raises(BufferError, match="freed"):
        memoryview(memory)


def test_alignments():
    assert omp_aligned_alloc(4096, 10).address % 4096 == 0
    assert omp_aligned_calloc(256, 3, 5, omp_high_bw_mem_alloc).address % 256 == 0
    allocator = omp_init_allocator(omp_default_mem_space, [(omp_atk_alignment, 1024)])
    assert omp_alloc(1, allocator).address % 1024 == 0
    omp_destroy_allocator(allocator)
    with pytest.raises(ValueError, match="power of two"):
        omp_aligned_alloc(3, 1)


def test_what_happens_when_a_pool_is_empty():
    limited = [(omp_atk_pool_size, 1024)]
    null = omp_init_allocator(omp_default_mem_space, [*limited, (omp_atk_fallback, omp_atv_null_fb)])
    abort = omp_init_allocator(omp_default_mem_space, [*limited, (omp_atk_fallback, omp_atv_abort_fb)])
    assert omp_alloc(10_000, null) is None
    with pytest.raises(MemoryError, match="abort_fb"):
        omp_alloc(10_000, abort)
    for allocator in (null, abort):
        omp_destroy_allocator(allocator)


def test_reallocation_keeps_what_is_there():
    memory = omp_alloc(4)
    memoryview(memory)[:] = b"abcd"
    larger = omp_realloc(memory, 8)
    assert bytes(memoryview(larger)[:4]) == b"abcd"
    with pytest.raises(ValueError, match="freed"):
        assert memory.address
    assert omp_realloc(larger, 0) is None


def test_the_default_allocator():
    before = omp_get_default_allocator()
    omp_set_default_allocator(omp_high_bw_mem_alloc)
    assert omp_get_default_allocator() == omp_high_bw_mem_alloc
    omp_set_default_allocator(before)


def test_traits_that_make_no_sense_give_no_allocator():
    assert omp_init_allocator(omp_default_mem_space, [(omp_atk_alignment, 3)]) == omp_null_allocator
    with pytest.raises(ValueError, match="not an allocator"):
        omp_alloc(8, 123456)


def test_the_version_is_a_number():
    assert omply.OMP_VERSION == omply.openmp_version >= 202411
