// Allocation and release by different threads.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  enum { N = 2000 };
  static char *list[N];
  omp_alloctrait_t traits[] = {{omp_atk_alignment, 64}};
  omp_allocator_handle_t a = omp_init_allocator(omp_default_mem_space, 1, traits);
#pragma omp parallel
  {
#pragma omp for schedule(dynamic)
    for (int i = 0; i < N; i++) {
      list[i] = omp_alloc(1 + i % 300, a);
      CHECK(list[i]);
      memset(list[i], i, 1 + i % 300);
    }
#pragma omp for schedule(guided)
    for (int i = N - 1; i >= 0; i--) {
      for (int k = 0; k < 1 + i % 300; k++) CHECK(list[i][k] == (char)i);
      omp_free(list[i], a);
    }
  }
  omp_destroy_allocator(a);
  return 0;
}
