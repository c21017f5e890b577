// omp_set_schedule and omp_get_schedule: every kind, the monotonic bit, chunk sizes below one.
//@ threads: 1 4
#include "conf.h"

int main(void) {
  omp_sched_t kinds[] = {omp_sched_static, omp_sched_dynamic, omp_sched_guided, omp_sched_auto};
  for (int k = 0; k < 4; k++) {
    omp_sched_t kind;
    int chunk = -1;
    omp_set_schedule(kinds[k], 7);
    omp_get_schedule(&kind, &chunk);
    CHECK((kind & ~omp_sched_monotonic) == kinds[k]);
    if (kinds[k] != omp_sched_auto) CHECK(chunk == 7);
    omp_set_schedule(kinds[k] | omp_sched_monotonic, 3);
    omp_get_schedule(&kind, &chunk);
    CHECK((kind & ~omp_sched_monotonic) == kinds[k]);
    omp_set_schedule(kinds[k], 0);
    omp_get_schedule(&kind, &chunk);
    CHECK((kind & ~omp_sched_monotonic) == kinds[k]);
  }
  return 0;
}
