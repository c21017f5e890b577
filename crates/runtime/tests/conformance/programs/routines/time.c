// omp_get_wtime goes on with real time; omp_get_wtick is its resolution.
//@ threads: 1 2
#include "conf.h"

int main(void) {
  double start = omp_get_wtime();
  usleep(20000);
  double passed = omp_get_wtime() - start;
  CHECK(passed >= 0.02 && passed < 20);
  CHECK(omp_get_wtick() > 0 && omp_get_wtick() <= 0.001);
#pragma omp parallel
  {
    double a = omp_get_wtime(), b = omp_get_wtime();
    CHECK(b >= a && a >= start);
  }
  return 0;
}
