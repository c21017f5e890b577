// omp_alloc, omp_calloc, omp_realloc, omp_aligned_alloc, omp_aligned_calloc, omp_free with each predefined allocator.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  omp_allocator_handle_t all[] = {omp_default_mem_alloc, omp_large_cap_mem_alloc, omp_const_mem_alloc, omp_high_bw_mem_alloc,
                                  omp_low_lat_mem_alloc, omp_cgroup_mem_alloc,    omp_pteam_mem_alloc, omp_thread_mem_alloc};
#pragma omp parallel
  for (int k = 0; k < 8; k++) {
    for (size_t size = 1; size < 100000; size = size * 7 + 3) {
      unsigned char *p = omp_alloc(size, all[k]);
      CHECK(p);
      memset(p, 0xab, size);
      p = omp_realloc(p, size * 2, all[k], all[k]);
      CHECK(p && p[0] == 0xab && p[size - 1] == 0xab);
      p = omp_realloc(p, size, omp_null_allocator, omp_null_allocator);
      CHECK(p && p[size - 1] == 0xab);
      omp_free(p, all[k]);
      unsigned char *z = omp_calloc(size, 3, all[k]);
      CHECK(z);
      for (size_t i = 0; i < size * 3; i += 1 + size / 50) CHECK(z[i] == 0);
      omp_free(z, omp_null_allocator);
      for (size_t align = 8; align <= 4096; align *= 4) {
        void *a = omp_aligned_alloc(align, size * align, all[k]);
        CHECK(a && (uintptr_t)a % align == 0);
        omp_free(a, all[k]);
        unsigned char *c = omp_aligned_calloc(align, size, align, all[k]);
        CHECK(c && (uintptr_t)c % align == 0 && c[0] == 0 && c[size * align - 1] == 0);
        omp_free(c, all[k]);
      }
    }
    omp_free(NULL, all[k]);
  }
  CHECK(omp_alloc(0, omp_default_mem_alloc) == NULL);
  CHECK(omp_realloc(NULL, 0, omp_default_mem_alloc, omp_default_mem_alloc) == NULL);
  void *p = omp_realloc(NULL, 10, omp_default_mem_alloc, omp_null_allocator);
  CHECK(p && omp_realloc(p, 0, omp_default_mem_alloc, omp_default_mem_alloc) == NULL);
  return 0;
}
