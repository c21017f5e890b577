// private and firstprivate on the construct: one object per thread, initialised once per thread and loop.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int p = -1, f = 10, starts = 0, n = 0;
#pragma omp parallel
  {
#pragma omp single
    n = omp_get_num_threads();
#pragma omp for private(p) firstprivate(f) schedule(static, 1)
    for (int i = 0; i < 100; i++) {
      p = i;
      conf_jitter(i);
      CHECK(p == i);
      if (f == 10)
#pragma omp atomic
        starts++;
      f++;
    }
  }
  CHECK(p == -1 && f == 10 && starts == (n < 100 ? n : 100));
  return 0;
}
