// OMP_STACKSIZE: threads have the stack asked for.
//@ env: OMP_STACKSIZE=24M
//@ threads: 2 5
#include "conf.h"

__attribute__((noinline)) static int deep(void) {
  volatile char space[16 << 20];
  for (size_t i = 0; i < sizeof space; i += 4096) space[i] = 1;
  return space[4096];
}

int main(void) {
  int used = 0;
#pragma omp parallel reduction(+ : used)
  if (omp_get_thread_num() > 0) used += deep();
  CHECK(used == omp_get_max_threads() - 1);
  return 0;
}
