// priority: of the tasks that wait, those of higher priority start first (one thread executes them here).
//@ env: OMP_MAX_TASK_PRIORITY=10
//@ threads: 2
#include "conf.h"

int main(void) {
  CHECK(omp_get_max_task_priority() == 10);
  int order[10], count = 0;
  atomic_int ready = 0, busy = 0;
#pragma omp parallel num_threads(2)
#pragma omp single
  {
    // The other thread is kept busy until all tasks are there; then this one is, until they are done.
#pragma omp task
    {
      atomic_store(&busy, 1);
      AWAIT(atomic_load(&ready));
    }
    AWAIT(atomic_load(&busy));
    for (int i = 0; i < 10; i++) {
      int priority = (i * 7) % 10;
#pragma omp task priority(priority) shared(order, count)
      {
        int at;
#pragma omp atomic capture
        at = count++;
        order[at] = priority;
      }
    }
    atomic_store(&ready, 1);
    AWAIT(({ int c; _Pragma("omp atomic read") c = count; c; }) == 10);
  }
  for (int i = 0; i < 10; i++) CHECK(order[i] == 9 - i);
  return 0;
}
