// OMP_DISPLAY_AFFINITY with OMP_AFFINITY_FORMAT: a line for each thread.
//@ env: OMP_DISPLAY_AFFINITY=true OMP_AFFINITY_FORMAT=<%n/%N>
//@ threads: 3
//@ stderr: <0/3>
//@ stderr: <1/3>
//@ stderr: <2/3>
#include "conf.h"

int main(void) {
#pragma omp parallel
  CHECK(omp_get_num_threads() == 3);
  return 0;
}
