// reduction on for with nowait: the result is there after the next barrier.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(100) {
    int a = 0, b = 0;
#pragma omp parallel
    {
#pragma omp for reduction(+ : a) nowait
      for (int i = 0; i < 50; i++) a += i;
#pragma omp for reduction(+ : b) nowait schedule(dynamic)
      for (int i = 0; i < 50; i++) b += 2 * i;
#pragma omp barrier
      CHECK(a == 1225 && b == 2450);
    }
  }
  return 0;
}
