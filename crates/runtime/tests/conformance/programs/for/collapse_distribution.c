// collapse(2) with an outer loop of one iteration still occupies all threads.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  meeting all = {0};
  int n = omp_get_max_threads();
#pragma omp parallel
#pragma omp for collapse(2) schedule(static, 1)
  for (int i = 0; i < 1; i++)
    for (int j = 0; j < n; j++) MEET(&all, n);
  return 0;
}
