// cancel sections: sections that have not begun are left out.
//@ env: OMP_CANCELLATION=true
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(50) {
    int second_half = 0, after = 0, n = 0;
#pragma omp parallel
    {
#pragma omp sections
      {
#pragma omp section
        {
#pragma omp cancel sections
#pragma omp atomic
          second_half++;
        }
#pragma omp section
        {
          usleep(20);
#pragma omp cancellation point sections
        }
      }
#pragma omp atomic
      after++;
#pragma omp single
      n = omp_get_num_threads();
    }
    CHECK(second_half == 0 && after == n);
  }
  return 0;
}
