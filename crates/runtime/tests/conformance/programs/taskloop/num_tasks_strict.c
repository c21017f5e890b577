// num_tasks(strict: n): exactly as many tasks of equal sizes, but for the last.
//@ gcc: no, OpenMP 5.1
//@ dynamic: yes
#include "conf.h"

int main(void) {
  for (int tasks = 1; tasks <= 20; tasks++) {
    int starts = 0, first = -1, size = (100 + tasks - 1) / tasks;
#pragma omp parallel
#pragma omp single
#pragma omp taskloop num_tasks(strict : tasks) firstprivate(first) shared(starts)
    for (int i = 0; i < 100; i++) {
      if (first < 0) {
        first = i;
#pragma omp atomic
        starts++;
      }
      CHECK(i - first < size);
    }
    CHECK(starts <= tasks && starts >= 100 / size);
  }
  return 0;
}
