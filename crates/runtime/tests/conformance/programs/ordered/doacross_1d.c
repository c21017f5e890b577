// ordered(1) with doacross: iteration i waits for i - 1 (or i - 3); what that wrote is visible.
//@ gcc: no, OpenMP 5.2 spelling
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(10) {
    long a[300] = {1, 1, 1}, b[300] = {1};
#pragma omp parallel
    {
#pragma omp for ordered(1) schedule(static, 1)
      for (int i = 1; i < 300; i++) {
        conf_jitter(i);
#pragma omp ordered doacross(sink : i - 1)
        b[i] = b[i - 1] + i;
#pragma omp ordered doacross(source :)
      }
#pragma omp for ordered(1) schedule(dynamic, 4)
      for (int i = 3; i < 300; i++) {
#pragma omp ordered doacross(sink : i - 3)
        a[i] = a[i - 3] + 1;
#pragma omp ordered doacross(source : omp_cur_iteration)
      }
    }
    for (int i = 0; i < 300; i++) CHECK(b[i] == 1 + (long)i * (i + 1) / 2 && a[i] == 1 + i / 3);
  }
  return 0;
}
