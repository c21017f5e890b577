// num_threads(strict: n) gives exactly n threads.
//@ gcc: no, OpenMP 6.0
#include "conf.h"

int main(void) {
  for (int n = 1; n <= 6; n++) {
    int count = 0;
#pragma omp parallel num_threads(strict : n) reduction(+ : count)
    {
      CHECK(omp_get_num_threads() == n);
      count++;
    }
    CHECK(count == n);
  }
  return 0;
}
