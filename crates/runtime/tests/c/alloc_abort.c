// An allocator whose fallback is abort_fb ends the program when its pool is empty.
#include "check.h"

int main(void) {
  omp_alloctrait_t traits[] = {{omp_atk_pool_size, 1000}, {omp_atk_fallback, omp_atv_abort_fb}};
  omp_allocator_handle_t a = omp_init_allocator(omp_default_mem_space, 2, traits);
  void *p = omp_alloc(500, a);
  if (!p) return 2;
  omp_free(p, a);
  omp_alloc(1000, a);
  return 3;
}
