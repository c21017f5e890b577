// taskwait depend(in: x): waits for the children that x depends on, and not for others.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(20) {
    int x = 0, y = 0;
    atomic_int waited = 0, started = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(out : y) shared(y)
      {
        atomic_store(&started, 1);
        AWAIT(atomic_load(&waited));
        y = 1;
      }
      // The task that holds out is on another thread.
      AWAIT(atomic_load(&started));
#pragma omp task depend(out : x) shared(x)
      {
        conf_jitter(repeat_);
        x = 1;
      }
#pragma omp taskwait depend(in : x)
      CHECK(x == 1);
      atomic_store(&waited, 1);
#pragma omp taskwait depend(inout : x, y)
      CHECK(y == 1);
    }
  }
  return 0;
}
