// OMP_SCHEDULE decides what schedule(runtime) does.
//@ env: OMP_SCHEDULE=static,4
#include "conf.h"

int main(void) {
  omp_sched_t kind;
  int chunk;
  omp_get_schedule(&kind, &chunk);
  CHECK((kind & ~omp_sched_monotonic) == omp_sched_static && chunk == 4);
#pragma omp parallel
  {
    int n = omp_get_num_threads();
#pragma omp for schedule(runtime)
    for (int i = 0; i < 100; i++) CHECK(omp_get_thread_num() == i / 4 % n);
  }
  return 0;
}
