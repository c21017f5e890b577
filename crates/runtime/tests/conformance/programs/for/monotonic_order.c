// monotonic: each thread executes its iterations in increasing order.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(20) {
#pragma omp parallel
    {
      int last = -1;
#pragma omp for schedule(monotonic : dynamic, 3) nowait
      for (int i = 0; i < 500; i++) {
        CHECK(i > last);
        last = i;
      }
      last = -1;
#pragma omp for schedule(monotonic : guided) nowait
      for (int i = 0; i < 500; i++) {
        CHECK(i > last);
        last = i;
      }
    }
  }
  return 0;
}
