// OMP_NUM_TEAMS and OMP_TEAMS_THREAD_LIMIT.
//@ env: OMP_NUM_TEAMS=3 OMP_TEAMS_THREAD_LIMIT=4
//@ gcc: no, OpenMP 5.1 routines
#include "conf.h"

int main(void) {
  CHECK(omp_get_max_teams() == 3 && omp_get_teams_thread_limit() == 4);
  int count = 0;
#pragma omp teams reduction(+ : count)
  {
    CHECK(omp_get_thread_limit() <= 4);
    count++;
  }
  CHECK(count >= 1 && count <= 3);
  return 0;
}
