// OMP_ALLOCATOR gives an allocator of 256-byte blocks with a pool of 64 KiB and no fallback.
#include "check.h"
#include <stdint.h>

int main(void) {
  omp_allocator_handle_t initial = omp_get_default_allocator();
  CHECK(initial > omp_thread_mem_alloc);
  void *p = omp_alloc(60000, omp_null_allocator);
  CHECK(p && (uintptr_t)p % 256 == 0);
  FOR_SIZES(n) {
    int right = 0;
#pragma omp parallel num_threads(n) reduction(+ : right)
    right += omp_get_default_allocator() == initial && omp_alloc(60000, omp_null_allocator) == NULL;
    CHECK(right == n);
  }
  omp_free(p, omp_null_allocator);
  return 0;
}
