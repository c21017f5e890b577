// Traits: alignment, pool_size with each fallback, access, sync_hint, partition, pinned.
//@ threads: 1 4
#include "conf.h"

int main(void) {
  omp_alloctrait_t aligned[] = {{omp_atk_alignment, 256}, {omp_atk_sync_hint, omp_atv_contended}, {omp_atk_access, omp_atv_all}};
  omp_allocator_handle_t a = omp_init_allocator(omp_default_mem_space, 3, aligned);
  CHECK(a != omp_null_allocator);
  for (size_t size = 1; size < 3000; size += 37) {
    void *p = omp_alloc(size, a);
    CHECK(p && (uintptr_t)p % 256 == 0);
    omp_free(p, a);
  }
  omp_destroy_allocator(a);

  omp_alloctrait_t pool[] = {{omp_atk_pool_size, 100000}, {omp_atk_fallback, omp_atv_null_fb}};
  a = omp_init_allocator(omp_default_mem_space, 2, pool);
  REPEAT(20) {
    void *first = omp_alloc(50000, a);
    CHECK(first);
    CHECK(omp_alloc(90000, a) == NULL);
    omp_free(first, a);
    void *second = omp_alloc(90000, a);
    CHECK(second);
    omp_free(second, a);
  }
  omp_destroy_allocator(a);

  omp_alloctrait_t spill[] = {{omp_atk_pool_size, 1000}, {omp_atk_fallback, omp_atv_default_mem_fb}};
  a = omp_init_allocator(omp_default_mem_space, 2, spill);
  void *large = omp_alloc(50000, a);
  CHECK(large);
  memset(large, 1, 50000);
  omp_free(large, a);
  omp_destroy_allocator(a);

  omp_alloctrait_t small[] = {{omp_atk_pool_size, 1000}, {omp_atk_fallback, omp_atv_null_fb}};
  omp_allocator_handle_t fallback = omp_init_allocator(omp_default_mem_space, 0, NULL);
  omp_alloctrait_t chained[] = {{omp_atk_pool_size, 1000},
                                {omp_atk_fallback, omp_atv_allocator_fb},
                                {omp_atk_fb_data, (omp_uintptr_t)fallback}};
  a = omp_init_allocator(omp_default_mem_space, 3, chained);
  large = omp_alloc(50000, a);
  CHECK(large);
  omp_free(large, a);
  omp_destroy_allocator(a);
  omp_destroy_allocator(fallback);
  a = omp_init_allocator(omp_default_mem_space, 2, small);
  int got = 0;
#pragma omp parallel reduction(+ : got)
  for (int i = 0; i < 200; i++) {
    char *p = omp_alloc(300, a);
    if (!p) continue;
    memset(p, i, 300);
    got++;
    CHECK(p[299] == (char)i);
    omp_free(p, a);
  }
  CHECK(got > 0);
  omp_destroy_allocator(a);
  return 0;
}
