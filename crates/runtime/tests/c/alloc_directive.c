// The allocate directive and clauses, compiled to the __kmpc_ entry points.
#include "check.h"
#include <stdint.h>

int main(void) {
  FOR_SIZES(n) {
    int x = 1, sum = 0;
    omp_alloctrait_t traits[] = {{omp_atk_alignment, 256}};
    omp_allocator_handle_t mine = omp_init_allocator(omp_default_mem_space, 1, traits);
#pragma omp parallel num_threads(n) firstprivate(x) allocate(mine : x) reduction(+ : sum)
    {
      CHECK(x == 1 && (uintptr_t)&x % 256 == 0);
      x = omp_get_thread_num();
      int local[10];
#pragma omp allocate(local) allocator(omp_thread_mem_alloc)
      for (int i = 0; i < 10; i++) local[i] = x;
      int aligned;
#pragma omp allocate(aligned) align(512)
      aligned = x;
      CHECK((uintptr_t)&aligned % 512 == 0);
#pragma omp barrier
      for (int i = 0; i < 10; i++) CHECK(local[i] == x);
      sum += aligned;
    }
    CHECK(sum == n * (n - 1) / 2);
    int total = 0;
#pragma omp parallel num_threads(n)
#pragma omp for firstprivate(x) lastprivate(x) allocate(omp_large_cap_mem_alloc : x) reduction(+ : total)
    for (int i = 0; i < 100; i++) {
      x = i;
      total += i;
    }
    CHECK(x == 99 && total == 4950);
    omp_destroy_allocator(mine);
  }
  return 0;
}
