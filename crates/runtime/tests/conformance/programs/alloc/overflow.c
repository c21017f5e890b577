// Sizes that overflow give a null pointer, from allocators whose fallback is that.
//@ threads: 1
#include "conf.h"

int main(void) {
  omp_alloctrait_t traits[] = {{omp_atk_fallback, omp_atv_null_fb}};
  omp_allocator_handle_t allocator = omp_init_allocator(omp_default_mem_space, 1, traits);
  CHECK(allocator != omp_null_allocator);
  volatile size_t huge = SIZE_MAX / 2;
  CHECK(omp_calloc(huge, 16, allocator) == NULL);
  CHECK(omp_alloc(huge, allocator) == NULL);
  CHECK(omp_aligned_alloc(64, huge & ~(size_t)63, allocator) == NULL);
  omp_destroy_allocator(allocator);
  return 0;
}
