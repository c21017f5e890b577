// Barriers of inner teams are their own: teams pass them independently of each other.
//@ env: OMP_MAX_ACTIVE_LEVELS=2
//@ threads: 2 4
#include "conf.h"

int main(void) {
  REPEAT(20) {
#pragma omp parallel
    {
      int steps = 1 + omp_get_thread_num() * 3, at[2] = {0, 0};
#pragma omp parallel num_threads(2)
      for (int i = 0; i < steps; i++) {
        int me = omp_get_thread_num();
        at[me] = i + 1;
#pragma omp barrier
        CHECK(at[1 - me] == i + 1);
#pragma omp barrier
      }
    }
  }
  return 0;
}
