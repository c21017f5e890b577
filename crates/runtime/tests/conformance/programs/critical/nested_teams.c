// critical excludes threads of different teams, too.
//@ env: OMP_MAX_ACTIVE_LEVELS=2
//@ threads: 1 2 4
#include "conf.h"

int main(void) {
  long count = 0;
#pragma omp parallel
#pragma omp parallel num_threads(3)
  for (int i = 0; i < 300; i++) {
#pragma omp critical
    count++;
  }
  CHECK(count == 900L * omp_get_max_threads());
  return 0;
}
