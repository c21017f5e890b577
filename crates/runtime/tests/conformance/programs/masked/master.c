// master: thread 0 only, without a barrier.
//@ version: 45
//@ threads: 1 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(20) {
    int count = 0;
    atomic_int past = 0;
#pragma omp parallel
    {
#pragma omp master
      {
        CHECK(omp_get_thread_num() == 0);
        AWAIT(atomic_load(&past) == omp_get_num_threads() - 1);
        count++;
      }
      atomic_fetch_add(&past, 1);
    }
    CHECK(count == 1);
  }
  return 0;
}
