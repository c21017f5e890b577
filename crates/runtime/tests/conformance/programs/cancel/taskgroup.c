// cancel taskgroup: tasks of the group that have not begun are left out, also those of descendants; others are not touched.
//@ env: OMP_CANCELLATION=true
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(30) {
    int done = 0, outside = 0, late = 0;
#pragma omp parallel
#pragma omp single
    {
      for (int i = 0; i < 10; i++) {
#pragma omp task shared(outside)
#pragma omp atomic
        outside++;
      }
#pragma omp taskgroup
      for (int i = 0; i < 300; i++) {
#pragma omp task shared(done, late)
        {
#pragma omp cancellation point taskgroup
#pragma omp atomic
          done++;
#pragma omp cancel taskgroup if (i == 10)
          if (i == 10)
#pragma omp atomic
            late++;
          usleep(1);
        }
      }
    }
    CHECK(outside == 10 && late == 0 && done >= 1 && done <= 300);
  }
  return 0;
}
