// With binding, threads really run on the processors of their places.
//@ env: OMP_PLACES={0},{1} OMP_PROC_BIND=spread
//@ flags: -D_GNU_SOURCE
//@ threads: 2
#include "conf.h"

int main(void) {
  if (omp_get_num_procs() < 2) return 0;
  REPEAT(20) {
#pragma omp parallel
    CHECK(sched_getcpu() == omp_get_place_num());
  }
  return 0;
}
