// Tasks with depend(in) on the same object are executed at the same time.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  int n = conf_tasks_at_once(omp_get_max_threads());
  REPEAT(10) {
    int x = 0;
    meeting all = {0};
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(out : x) shared(x)
      x = 1;
      for (int i = 0; i < n; i++) {
#pragma omp task depend(in : x) shared(x)
        {
          CHECK(x == 1);
          MEET(&all, n);
        }
      }
#pragma omp task depend(out : x) shared(x)
      {
        CHECK(atomic_load(&all.here) == n);
        x = 2;
      }
    }
    CHECK(x == 2);
  }
  return 0;
}
