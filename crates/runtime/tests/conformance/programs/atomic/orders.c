// atomic with relaxed, acquire, release, acq_rel and seq_cst; acquire and release publish plain data.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(100) {
    int data = 0, ready = 0, counter = 0, value;
#pragma omp parallel num_threads(2) private(value)
    {
#pragma omp atomic relaxed
      counter++;
#pragma omp atomic capture acq_rel
      value = ++counter;
      CHECK(value >= 1 && value <= 5);
#pragma omp atomic update seq_cst
      counter += 1;
      if (omp_get_thread_num() == omp_get_num_threads() - 1) {
        data = repeat_ + 5;
#pragma omp atomic write release
        ready = 1;
      } else {
        int seen = 0;
        while (!seen) {
#pragma omp atomic read acquire
          seen = ready;
          if (!seen) sched_yield();
        }
        CHECK(data == repeat_ + 5);
      }
    }
    CHECK(counter == 6 || counter == 3);
  }
  return 0;
}
