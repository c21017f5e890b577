// omp_set_default_allocator and OMP_ALLOCATOR: def-allocator-var of the current task.
//@ env: OMP_ALLOCATOR=omp_large_cap_mem_alloc
//@ dynamic: yes
#include "conf.h"

int main(void) {
  CHECK(omp_get_default_allocator() == omp_large_cap_mem_alloc);
  omp_set_default_allocator(omp_default_mem_alloc);
  CHECK(omp_get_default_allocator() == omp_default_mem_alloc);
#pragma omp parallel
  {
    CHECK(omp_get_default_allocator() == omp_default_mem_alloc);
    void *p = omp_alloc(100, omp_null_allocator);
    CHECK(p);
    omp_free(p, omp_null_allocator);
  }
  return 0;
}
