// nothing: no effect.
//@ gcc: no, OpenMP 5.1
//@ threads: 2
#include "conf.h"

int main(void) {
  int x = 0;
#pragma omp nothing
#pragma omp parallel reduction(+ : x)
  {
#pragma omp nothing
    x++;
  }
  CHECK(x == omp_get_max_threads());
  return 0;
}
