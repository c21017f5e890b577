// omp_display_env writes the ICVs to stderr.
//@ threads: 3
//@ stderr: OPENMP DISPLAY ENVIRONMENT BEGIN
//@ stderr: OMP_NUM_THREADS
//@ stderr: OMP_SCHEDULE
//@ stderr: OPENMP DISPLAY ENVIRONMENT END
#include "conf.h"

int main(void) {
  omp_display_env(0);
  omp_display_env(1);
  return 0;
}
