// single private and firstprivate.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int p = 1, f = 2;
#pragma omp parallel
  {
#pragma omp single private(p) firstprivate(f)
    {
      p = 10;
      CHECK(f == 2);
      f = 20;
    }
    CHECK(p == 1 && f == 2);
  }
  return 0;
}
