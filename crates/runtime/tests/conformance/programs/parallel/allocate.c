// allocate(allocator: list): private copies come from the allocator and hold their values.
//@ version: 52
#include "conf.h"

int main(void) {
  int x = 3;
  double array[100];
  for (int i = 0; i < 100; i++) array[i] = i;
#pragma omp parallel firstprivate(x, array) allocate(omp_default_mem_alloc : x, array)
  {
    CHECK(x == 3);
    for (int i = 0; i < 100; i++) CHECK(array[i] == i), array[i] = -1;
    x = omp_get_thread_num();
#pragma omp barrier
    CHECK(x == omp_get_thread_num() && array[50] == -1);
  }
  CHECK(x == 3 && array[50] == 50);
  return 0;
}
