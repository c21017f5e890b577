// The parts outside the ordered regions overlap: a later iteration is under way while an earlier one has not reached its region.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  int n = omp_get_max_threads(), next = 0;
  meeting all = {0};
#pragma omp parallel
#pragma omp for ordered schedule(static, 1)
  for (int i = 0; i < n; i++) {
    MEET(&all, n);
#pragma omp ordered
    {
      CHECK(next == i);
      next++;
    }
  }
  CHECK(next == n);
  return 0;
}
