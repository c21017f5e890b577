// OMP_NUM_THREADS=3,2,4: the size of each level, and more than one active level without being asked.
//@ env: OMP_NUM_THREADS=3,2,4
//@ threads: 1
#include "conf.h"

int main(void) {
  CHECK(omp_get_max_threads() == 3);
  CHECK(omp_get_max_active_levels() > 1);
  omp_set_max_active_levels(3);
  int count = 0;
#pragma omp parallel
  {
    CHECK(omp_get_num_threads() == 3 && omp_get_max_threads() == 2);
#pragma omp parallel
    {
      CHECK(omp_get_num_threads() == 2 && omp_get_max_threads() == 4);
#pragma omp parallel
      {
        CHECK(omp_get_num_threads() == 4 && omp_get_max_threads() == 4);
#pragma omp atomic
        count++;
      }
    }
  }
  CHECK(count == 24);
  return 0;
}
