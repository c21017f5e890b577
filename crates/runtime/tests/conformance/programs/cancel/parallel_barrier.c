// cancel parallel: threads that wait in a barrier are let go.
//@ env: OMP_CANCELLATION=true
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(50) {
    int passed = 0;
#pragma omp parallel
    {
      if (omp_get_thread_num() == 0) {
        if (repeat_ % 2) usleep(300);
#pragma omp cancel parallel
      }
#pragma omp barrier
#pragma omp atomic
      passed++;
    }
    CHECK(passed == 0);
  }
  return 0;
}
