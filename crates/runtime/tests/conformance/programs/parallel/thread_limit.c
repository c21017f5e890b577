// OMP_THREAD_LIMIT bounds the threads of a contention group.
//@ env: OMP_THREAD_LIMIT=3 OMP_MAX_ACTIVE_LEVELS=3
#include "conf.h"

int main(void) {
  int wanted = omp_get_max_threads(), total = 0;
  CHECK(omp_get_thread_limit() == 3);
  // What is beyond the limit is implementation defined, but never more than it.
#pragma omp parallel
  {
    CHECK(omp_get_num_threads() <= 3 && omp_get_num_threads() <= wanted);
#pragma omp atomic
    total++;
  }
  CHECK(total >= 1 && total <= 3);
  static atomic_int inside, most;
#pragma omp parallel num_threads(2)
#pragma omp parallel num_threads(3)
  {
    int now = atomic_fetch_add(&inside, 1) + 1;
    CHECK(now <= 3);
    if (now > atomic_load(&most)) atomic_store(&most, now);
    usleep(1000);
    atomic_fetch_sub(&inside, 1);
  }
  CHECK(most >= 1);
  return 0;
}
