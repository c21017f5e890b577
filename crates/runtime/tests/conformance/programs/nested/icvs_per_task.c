// ICVs set in a region are those of that thread's implicit task; regions inside inherit them, the outside keeps its own.
//@ env: OMP_MAX_ACTIVE_LEVELS=2
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  int n = omp_get_max_threads();
#pragma omp parallel
  {
    int mine = omp_get_thread_num() % 3 + 1;
    omp_set_num_threads(mine);
    omp_set_schedule(omp_sched_dynamic, mine);
#pragma omp barrier
    CHECK(omp_get_max_threads() == mine);
    omp_sched_t kind;
    int chunk;
    omp_get_schedule(&kind, &chunk);
    CHECK((kind & ~omp_sched_monotonic) == omp_sched_dynamic && chunk == mine);
#pragma omp parallel
    {
      CHECK(omp_get_num_threads() == mine && omp_get_max_threads() == mine);
      omp_get_schedule(&kind, &chunk);
      CHECK(chunk == mine);
    }
  }
  CHECK(omp_get_max_threads() == n);
  return 0;
}
