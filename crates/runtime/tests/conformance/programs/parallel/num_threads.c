// The num_threads clause decides the team's size, for this region only; its expression is evaluated before the region.
#include "conf.h"

int main(void) {
  int outside = omp_get_max_threads();
  for (int n = 1; n <= 9; n++) {
    meeting all = {0};
    int wanted = n;
#pragma omp parallel num_threads(wanted) shared(wanted)
    {
      CHECK(omp_get_num_threads() == n && omp_get_thread_num() < n);
      MEET(&all, n);
#pragma omp single
      wanted = 77;
    }
    CHECK(omp_get_max_threads() == outside);
  }
  return 0;
}
