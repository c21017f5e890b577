// default(private): variables that are not listed are private.
//@ gcc: no, OpenMP 5.1
#include "conf.h"

int main(void) {
  int a = 5, total = 0;
#pragma omp parallel default(private) shared(total)
  {
    a = omp_get_thread_num();
    conf_jitter(a);
#pragma omp atomic
    total += a;
  }
  int n = omp_get_max_threads();
  CHECK(a == 5 && total == n * (n - 1) / 2);
  return 0;
}
