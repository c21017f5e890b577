// lastprivate: after the loop the original has the value of the sequentially last iteration.
//@ dynamic: yes
#include "conf.h"

struct pair {
  int a, b;
};

int main(void) {
  REPEAT(20) {
    int x = -1, y = -1, array[3] = {0}, i = -5;
    struct pair pair = {0, 0};
#pragma omp parallel
    {
#pragma omp for lastprivate(x, array, pair) schedule(dynamic, 3)
      for (int k = 0; k < 100; k++) {
        x = k;
        array[k % 3] = k;
        array[(k + 1) % 3] = -k;
        array[(k + 2) % 3] = 0;
        pair.a = k, pair.b = 2 * k;
      }
      CHECK(x == 99 && array[0] == 99 && array[1] == -99 && array[2] == 0 && pair.b == 198);
#pragma omp for lastprivate(y) schedule(static)
      for (int k = 50; k > -50; k -= 7) y = k;
#pragma omp for lastprivate(y) firstprivate(y) schedule(guided)
      for (int k = 0; k < 77; k++) y = y >= 0 ? k : -k;
    }
    CHECK(y == 76 || y == -76);
#pragma omp parallel for lastprivate(i)
    for (i = 0; i < 33; i += 2) {
    }
    CHECK(i == 34);
  }
  return 0;
}
