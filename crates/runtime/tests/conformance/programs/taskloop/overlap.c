// The tasks of a taskloop are executed at the same time.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  int n = conf_tasks_at_once(omp_get_max_threads());
  REPEAT(5) {
    meeting all = {0};
#pragma omp parallel
#pragma omp single
#pragma omp taskloop num_tasks(n)
    for (int i = 0; i < n; i++) MEET(&all, n);
  }
  return 0;
}
