// Two and three levels of active regions: sizes, numbers and ancestors of each thread.
//@ env: OMP_MAX_ACTIVE_LEVELS=3
//@ threads: 1 2 4
#include "conf.h"

int main(void) {
  int n = omp_get_max_threads(), total = 0;
  REPEAT(10) {
#pragma omp parallel
    {
      int outer = omp_get_thread_num();
      CHECK(omp_get_level() == 1);
#pragma omp parallel num_threads(3)
      {
        int middle = omp_get_thread_num();
        CHECK(omp_get_level() == 2 && omp_get_num_threads() == 3);
#pragma omp parallel num_threads(2)
        {
          CHECK(omp_get_level() == 3 && omp_get_active_level() == (n > 1) + 2 && omp_get_num_threads() == 2);
          CHECK(omp_get_ancestor_thread_num(0) == 0 && omp_get_ancestor_thread_num(1) == outer);
          CHECK(omp_get_ancestor_thread_num(2) == middle && omp_get_ancestor_thread_num(3) == omp_get_thread_num());
          CHECK(omp_get_team_size(0) == 1 && omp_get_team_size(1) == n && omp_get_team_size(2) == 3 && omp_get_team_size(3) == 2);
          CHECK(omp_get_ancestor_thread_num(4) == -1 && omp_get_team_size(4) == -1);
          CHECK(omp_get_ancestor_thread_num(-1) == -1 && omp_get_team_size(-1) == -1);
#pragma omp atomic
          total++;
        }
      }
      CHECK(omp_get_thread_num() == outer && omp_get_level() == 1);
    }
  }
  CHECK(total == 10 * n * 6);
  return 0;
}
