// omp_pause_resource and omp_pause_resource_all outside regions; regions run afterwards.
//@ gcc: no, libgomp gives up threadprivate data
#include "conf.h"

int main(void) {
  int n = omp_get_max_threads();
  REPEAT(5) {
    int count = 0;
#pragma omp parallel reduction(+ : count)
    count++;
    CHECK(count == n);
    CHECK(omp_pause_resource(repeat_ % 2 ? omp_pause_soft : omp_pause_hard, omp_get_initial_device()) == 0);
#pragma omp parallel reduction(+ : count)
    count++;
    CHECK(count == 2 * n);
    CHECK(omp_pause_resource_all(omp_pause_soft) == 0);
  }
  return 0;
}
