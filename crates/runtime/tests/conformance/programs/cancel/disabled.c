// Without OMP_CANCELLATION the cancel construct has no effect.
//@ env: OMP_CANCELLATION=false
//@ dynamic: yes
#include "conf.h"

int main(void) {
  CHECK(!omp_get_cancellation());
  int done = 0, past = 0, n = 0, tasks = 0;
#pragma omp parallel
  {
#pragma omp single
    n = omp_get_num_threads();
#pragma omp for
    for (int i = 0; i < 100; i++) {
#pragma omp cancel for
#pragma omp atomic
      done++;
    }
#pragma omp single
#pragma omp taskgroup
    for (int i = 0; i < 10; i++) {
#pragma omp task shared(tasks)
      {
#pragma omp cancel taskgroup
#pragma omp atomic
        tasks++;
      }
    }
#pragma omp cancel parallel
#pragma omp atomic
    past++;
  }
  CHECK(done == 100 && past == n && tasks == 10);
  return 0;
}
