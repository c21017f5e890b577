// Two loops of the same length with schedule(static) give each thread the same iterations, so nowait between them is safe.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  static int a[1000], b[1000];
  REPEAT(100) {
#pragma omp parallel
    {
#pragma omp for schedule(static) nowait
      for (int i = 0; i < 1000; i++) a[i] = repeat_ + i;
#pragma omp for schedule(static) nowait
      for (int i = 0; i < 1000; i++) b[i] = a[i] + 1;
    }
    for (int i = 0; i < 1000; i++) CHECK(b[i] == repeat_ + i + 1);
  }
  return 0;
}
