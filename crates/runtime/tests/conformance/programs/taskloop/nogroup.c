// nogroup: the generating task goes on while the loop's tasks wait.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(10) {
    atomic_int past = 0, done = 0, started = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp taskloop nogroup num_tasks(1)
      for (int i = 0; i < 3; i++) {
        atomic_store(&started, 1);
        // Where the generating thread has executed it at once there is nothing to wait for.
        if (omp_get_thread_num() != 0 || atomic_load(&past)) AWAIT(atomic_load(&past) || i > 0);
        atomic_fetch_add(&done, 1);
      }
      atomic_store(&past, 1);
#pragma omp taskwait
      CHECK(atomic_load(&done) == 3);
    }
  }
  return 0;
}
