// A cancelled loop with a reduction: what is combined is what had been done, or less; the region goes on.
//@ env: OMP_CANCELLATION=true
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(30) {
    int n = 0, after = 0;
#pragma omp parallel
    {
#pragma omp for schedule(dynamic)
      for (int i = 0; i < 1000; i++) {
        if (i == 10) {
#pragma omp cancel for
        }
#pragma omp cancellation point for
      }
#pragma omp for reduction(+ : after)
      for (int i = 0; i < 100; i++) after++;
#pragma omp single
      n = omp_get_num_threads();
    }
    CHECK(after == 100 && n >= 1);
  }
  return 0;
}
