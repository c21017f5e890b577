// sections: private, firstprivate, lastprivate, reduction.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(20) {
    int p = 1, f = 2, l = 3, sum = 4;
#pragma omp parallel
    {
#pragma omp sections private(p) firstprivate(f) lastprivate(l) reduction(+ : sum)
      {
#pragma omp section
        {
          p = 10;
          conf_jitter(repeat_);
          CHECK(f >= 2 && p == 10);
          l = 1;
          sum += 1;
        }
#pragma omp section
        {
          p = 20;
          f += 5;
          sum += 10;
          l = 2;
          CHECK(p == 20);
        }
#pragma omp section
        {
          sum += 100;
          l = 33;
        }
      }
      CHECK(l == 33 && sum == 115 && p == 1 && f == 2);
    }
  }
  return 0;
}
