// linear(x: step): within iteration i the variable has its first value plus i steps; after the loop the last one's.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(20) {
    int x = 10, values[100], n = 0;
    meeting all = {0};
#pragma omp parallel
    {
#pragma omp single
      n = omp_get_num_threads();
#pragma omp for linear(x : 3) schedule(static, 1)
      for (int i = 0; i < 100; i++) {
        // Nobody may end the loop while others have not begun it: compilers read the first value when they begin.
        if (i < n) MEET(&all, n);
        values[i] = x;
        x += 3;
      }
    }
    for (int i = 0; i < 100; i++) CHECK(values[i] == 10 + 3 * i);
    CHECK(x == 310);
  }
  return 0;
}
