// Many doacross loops one after the other, with nowait and without.
//@ gcc: no, OpenMP 5.2 spelling
//@ dynamic: yes
#include "conf.h"

int main(void) {
  enum { LOOPS = 40, N = 20 };
  static int order[LOOPS];
#pragma omp parallel
  for (int loop = 0; loop < LOOPS; loop++) {
#pragma omp for ordered(1) schedule(static, 1) nowait
    for (int i = 0; i < N; i++) {
#pragma omp ordered doacross(sink : i - 1)
      CHECK(order[loop] == i);
      order[loop]++;
#pragma omp ordered doacross(source :)
    }
  }
  for (int loop = 0; loop < LOOPS; loop++) CHECK(order[loop] == N);
  return 0;
}
