// default(firstprivate): variables that are not listed are firstprivate.
//@ gcc: no, OpenMP 5.1
#include "conf.h"

int main(void) {
  int a = 5, total = 0;
#pragma omp parallel default(firstprivate) shared(total)
  {
    CHECK(a == 5);
    a += omp_get_thread_num();
#pragma omp atomic
    total += a;
  }
  int n = omp_get_max_threads();
  CHECK(a == 5 && total == 5 * n + n * (n - 1) / 2);
  return 0;
}
