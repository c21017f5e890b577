// taskgroup does not wait for a task generated before it.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(20) {
    atomic_int started = 0, past = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task
      {
        atomic_store(&started, 1);
        AWAIT(atomic_load(&past));
      }
      AWAIT(atomic_load(&started));
      int x = 0;
#pragma omp taskgroup
      {
#pragma omp task shared(x)
        x = 1;
      }
      CHECK(x == 1);
      atomic_store(&past, 1);
    }
  }
  return 0;
}
