// A region inside a region with one active level: inactive, its own data environment, its own worksharing.
//@ env: OMP_MAX_ACTIVE_LEVELS=1
//@ dynamic: yes
#include "conf.h"

int main(void) {
#pragma omp parallel
  {
    int own = 0, sum = 0;
#pragma omp parallel firstprivate(own)
    {
      CHECK(omp_get_num_threads() == 1 && omp_get_thread_num() == 0 && omp_get_level() == 2);
      own = 7;
#pragma omp for reduction(+ : sum)
      for (int i = 0; i < 10; i++) sum += i;
#pragma omp single
      sum++;
#pragma omp barrier
    }
    CHECK(own == 0 && sum == 46);
  }
  return 0;
}
