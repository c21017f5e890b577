// The allocate clause on worksharing, task, taskgroup and scope constructs, with alignment.
//@ dynamic: yes
//@ gcc: no, the align modifier
#include "conf.h"

int main(void) {
  int f = 4, sum = 0, last = 0;
#pragma omp parallel firstprivate(f) allocate(allocator(omp_default_mem_alloc), align(64) : f)
  {
    CHECK((uintptr_t)&f % 64 == 0 && f == 4);
#pragma omp for lastprivate(last) allocate(omp_large_cap_mem_alloc : last)
    for (int i = 0; i < 50; i++) last = i;
#pragma omp single
    {
#pragma omp task firstprivate(f) allocate(omp_default_mem_alloc : f) shared(sum)
      {
        CHECK(f == 4);
#pragma omp atomic
        sum += f;
      }
#pragma omp taskwait
    }
  }
  CHECK(last == 49 && sum == 4);
  return 0;
}
