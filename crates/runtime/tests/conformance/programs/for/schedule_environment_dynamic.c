// OMP_SCHEDULE=dynamic: schedule(runtime) moves iterations away from a held-up thread.
//@ env: OMP_SCHEDULE=nonmonotonic:dynamic
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  omp_sched_t kind;
  int chunk;
  omp_get_schedule(&kind, &chunk);
  CHECK((kind & ~omp_sched_monotonic) == omp_sched_dynamic);
  atomic_int done = 0;
#pragma omp parallel for schedule(runtime)
  for (int i = 0; i < 100; i++) {
    if (i == 0) AWAIT(atomic_load(&done) == 99);
    atomic_fetch_add(&done, 1);
  }
  return 0;
}
