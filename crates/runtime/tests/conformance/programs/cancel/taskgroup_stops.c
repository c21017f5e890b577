// cancel taskgroup really leaves tasks out: the group's tasks that come after the cancellation do nothing.
//@ env: OMP_CANCELLATION=true
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(20) {
    int done = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp taskgroup
      {
        int cancelled = 0;
#pragma omp task shared(cancelled) if (0)
        {
          cancelled = 1;
#pragma omp cancel taskgroup
        }
        CHECK(cancelled);
        for (int i = 0; i < 50; i++) {
#pragma omp task shared(done)
#pragma omp atomic
          done++;
        }
      }
      CHECK(done == 0);
      // The next group is a new one.
#pragma omp taskgroup
      {
#pragma omp task shared(done)
        done = 9;
      }
      CHECK(done == 9);
    }
  }
  return 0;
}
