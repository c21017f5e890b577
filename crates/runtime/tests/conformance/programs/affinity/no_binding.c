// OMP_PROC_BIND=false: no places are kept.
//@ env: OMP_PROC_BIND=false
//@ threads: 2
#include "conf.h"

int main(void) {
  CHECK(omp_get_proc_bind() == omp_proc_bind_false);
#pragma omp parallel
  CHECK(omp_get_proc_bind() == omp_proc_bind_false);
  return 0;
}
