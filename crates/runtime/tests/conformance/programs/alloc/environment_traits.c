// OMP_ALLOCATOR with traits.
//@ env: OMP_ALLOCATOR=omp_default_mem_space:alignment=512,pool_size=1048576,fallback=null_fb
//@ threads: 1
#include "conf.h"

int main(void) {
  void *p = omp_alloc(40, omp_null_allocator);
  CHECK(p && (uintptr_t)p % 512 == 0);
  CHECK(omp_alloc(4 << 20, omp_null_allocator) == NULL);
  omp_free(p, omp_null_allocator);
  return 0;
}
