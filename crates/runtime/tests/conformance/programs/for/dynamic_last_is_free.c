// schedule(dynamic): the last iteration does not wait behind others of the thread that would get it.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(30) {
    int last = -1;
    atomic_int done = 0;
#pragma omp parallel
    {
      // Late threads find that others have taken from their shares.
      if (omp_get_thread_num() == repeat_ % 2) usleep(300);
#pragma omp for schedule(dynamic) lastprivate(last)
      for (int i = 0; i < 40; i++) {
        if (i == repeat_) AWAIT(atomic_load(&done) == 1);
        if (i == 39) atomic_store(&done, 1);
        last = i;
      }
    }
    CHECK(last == 39);
  }
  return 0;
}
