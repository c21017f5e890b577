// dyn-var: with dynamic adjustment a team is never larger than asked for; without it, exactly as large.
#include "conf.h"

int main(void) {
  int n = omp_get_max_threads();
  omp_set_dynamic(1);
  CHECK(omp_get_dynamic());
#pragma omp parallel
  CHECK(omp_get_num_threads() >= 1 && omp_get_num_threads() <= n);
  omp_set_dynamic(0);
  CHECK(!omp_get_dynamic());
#pragma omp parallel
  CHECK(omp_get_num_threads() == n);
  return 0;
}
