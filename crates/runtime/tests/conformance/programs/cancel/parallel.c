// cancel parallel: threads leave at cancellation points and barriers; after the region all goes on as before.
//@ env: OMP_CANCELLATION=true
//@ dynamic: yes
#include "conf.h"

int main(void) {
  CHECK(omp_get_cancellation());
  REPEAT(50) {
    int passed = 0, cancelled = 0;
#pragma omp parallel
    {
      if (omp_get_thread_num() == omp_get_num_threads() / 2) {
#pragma omp atomic
        cancelled++;
#pragma omp cancel parallel
      }
      for (;;) {
#pragma omp cancellation point parallel
        sched_yield();
      }
#pragma omp atomic
      passed++;
    }
    CHECK(passed == 0 && cancelled == 1);
    int n = 0;
#pragma omp parallel reduction(+ : n)
    {
#pragma omp barrier
      n++;
    }
    CHECK(n >= 1);
  }
  return 0;
}
