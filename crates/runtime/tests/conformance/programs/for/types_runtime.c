// for schedule(runtime): every integer type, step and comparison, with each schedule that omp_set_schedule knows.
//@ dynamic: yes
#include "loops.h"

LOOP_SUITE(schedule(runtime))

int main(void) {
  omp_sched_t kinds[] = {omp_sched_static, omp_sched_dynamic, omp_sched_guided, omp_sched_auto};
  for (int k = 0; k < 4; k++)
    for (int chunk = 0; chunk <= 8; chunk += 4) {
      omp_set_schedule(kinds[k], chunk);
      loop_suite();
    }
  return 0;
}
