// OMP_PROC_BIND=spread,close: one policy for each level.
//@ env: OMP_PLACES=threads OMP_PROC_BIND=spread,close OMP_MAX_ACTIVE_LEVELS=2
//@ threads: 2
#include "conf.h"

int main(void) {
  CHECK(omp_get_proc_bind() == omp_proc_bind_spread);
#pragma omp parallel
  {
    CHECK(omp_get_proc_bind() == omp_proc_bind_close);
#pragma omp parallel num_threads(2)
    CHECK(omp_get_place_num() >= 0);
  }
  return 0;
}
