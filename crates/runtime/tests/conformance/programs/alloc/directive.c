// The allocate directive on local and static variables, with an allocator and an alignment.
//@ dynamic: yes
//@ gcc: no, gcc 12 does not know the directive
#include "conf.h"

static int global;
#pragma omp allocate(global) allocator(omp_default_mem_alloc)

int main(void) {
#pragma omp parallel
  {
    double x;
    int list[100];
#pragma omp allocate(x, list) allocator(omp_default_mem_alloc) align(128)
    CHECK((uintptr_t)list % 128 == 0);
    x = omp_get_thread_num();
    for (int i = 0; i < 100; i++) list[i] = i + (int)x;
#pragma omp barrier
    CHECK(x == omp_get_thread_num() && list[99] == 99 + (int)x);
#pragma omp atomic
    global++;
  }
  CHECK(global >= 1);
  return 0;
}
