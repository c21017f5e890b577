// max-active-levels-var: regions deeper than that run on one thread.
//@ threads: 2 4
#include "conf.h"

int main(void) {
  for (int levels = 0; levels <= 3; levels++) {
    omp_set_max_active_levels(levels);
    CHECK(omp_get_max_active_levels() == levels);
#pragma omp parallel num_threads(2)
    {
      CHECK(omp_get_num_threads() == (levels >= 1 ? 2 : 1));
#pragma omp parallel num_threads(2)
      {
        CHECK(omp_get_num_threads() == (levels >= 2 ? 2 : 1));
#pragma omp parallel num_threads(2)
        {
          CHECK(omp_get_num_threads() == (levels >= 3 ? 2 : 1));
          CHECK(omp_get_level() == 3 && omp_get_active_level() == levels);
        }
      }
    }
  }
  return 0;
}
