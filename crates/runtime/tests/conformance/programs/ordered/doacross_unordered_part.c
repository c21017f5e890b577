// Iterations without a sink in the iteration space do not wait: the rows of a wavefront overlap.
//@ gcc: no, OpenMP 5.2 spelling
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  int n = omp_get_max_threads();
  meeting all = {0};
#pragma omp parallel for ordered(1) schedule(static, 1)
  for (int i = 0; i < n; i++) {
#pragma omp ordered doacross(sink : i - 1000)
    MEET(&all, n);
#pragma omp ordered doacross(source :)
  }
  return 0;
}
