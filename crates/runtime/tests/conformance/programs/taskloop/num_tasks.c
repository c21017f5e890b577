// num_tasks(n): as many tasks, or one for each iteration where there are fewer.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  for (int tasks = 1; tasks < 30; tasks += 4) {
    int starts = 0, first = -1;
#pragma omp parallel
#pragma omp single
#pragma omp taskloop num_tasks(tasks) firstprivate(first) shared(starts)
    for (int i = 0; i < 20; i++)
      if (first < 0) {
        first = i;
#pragma omp atomic
        starts++;
      }
    CHECK(starts == (tasks < 20 ? tasks : 20));
  }
  return 0;
}
