// cancel if(false) does not cancel, but is a cancellation point; without OMP_CANCELLATION nothing cancels.
//@ env: OMP_CANCELLATION=true
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(20) {
    int done = 0, n = 0;
#pragma omp parallel
    {
#pragma omp for
      for (int i = 0; i < 100; i++) {
#pragma omp cancel for if (i < 0)
#pragma omp atomic
        done++;
      }
#pragma omp cancel parallel if (cancel : 0)
#pragma omp atomic
      n++;
    }
    CHECK(done == 100 && n >= 1);
  }
  return 0;
}
