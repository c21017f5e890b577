// The teams of inner regions exist at the same time.
//@ env: OMP_MAX_ACTIVE_LEVELS=2
#include "conf.h"

int main(void) {
  int n = omp_get_max_threads();
  REPEAT(5) {
    meeting everybody = {0};
#pragma omp parallel
#pragma omp parallel num_threads(2)
    MEET(&everybody, 2 * n);
  }
  return 0;
}
