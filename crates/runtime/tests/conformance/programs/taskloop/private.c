// taskloop: private, firstprivate, lastprivate, shared, default.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(20) {
    int p = -1, f = 5, l = -1, s = 0, list[4] = {1, 2, 3, 4};
#pragma omp parallel
#pragma omp single
    {
#pragma omp taskloop private(p) firstprivate(f, list) lastprivate(l) shared(s) grainsize(7)
      for (int i = 0; i < 100; i++) {
        p = i;
        conf_jitter(i);
        CHECK(p == i && f >= 5 && list[3] == 4);
        l = i * 2;
#pragma omp atomic
        s += i;
      }
      CHECK(l == 198 && s == 4950 && p == -1 && f == 5);
    }
  }
  return 0;
}
