// omp_set_num_teams, omp_set_teams_thread_limit and their getters decide leagues without the clauses.
//@ gcc: no, OpenMP 5.1 routines
#include "conf.h"

int main(void) {
  omp_set_num_teams(3);
  omp_set_teams_thread_limit(2);
  CHECK(omp_get_max_teams() == 3 && omp_get_teams_thread_limit() == 2);
  int count = 0;
#pragma omp teams reduction(+ : count)
  {
    CHECK(omp_get_num_teams() <= 3);
    CHECK(omp_get_thread_limit() <= 2);
    count++;
  }
  CHECK(count >= 1 && count <= 3);
  return 0;
}
