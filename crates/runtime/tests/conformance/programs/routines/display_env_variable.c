// OMP_DISPLAY_ENV=true.
//@ threads: 3
//@ env: OMP_DISPLAY_ENV=true
//@ stderr: OPENMP DISPLAY ENVIRONMENT BEGIN
//@ stderr: OMP_PLACES
#include "conf.h"

int main(void) {
  return omp_get_max_threads() == 3 ? 0 : 1;
}
