// ICVs that a task sets are its own.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int outside = omp_get_max_threads();
#pragma omp parallel
#pragma omp single
  {
    for (int i = 0; i < 20; i++) {
#pragma omp task
      {
        omp_set_num_threads(i + 1);
        omp_set_schedule(omp_sched_dynamic, i + 1);
#pragma omp taskyield
        omp_sched_t kind;
        int chunk;
        omp_get_schedule(&kind, &chunk);
        CHECK(omp_get_max_threads() == i + 1 && chunk == i + 1);
#pragma omp task
        CHECK(omp_get_max_threads() == i + 1);
      }
    }
#pragma omp taskwait
    CHECK(omp_get_max_threads() == outside);
  }
  CHECK(omp_get_max_threads() == outside);
  return 0;
}
