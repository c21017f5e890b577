// target nowait with dependences among tasks.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(20) {
    int x = 0, y = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(out : x) shared(x)
      x = 1;
#pragma omp target nowait depend(inout : x) map(tofrom : x)
      x += 10;
#pragma omp task depend(in : x) depend(out : y) shared(x, y)
      y = x + 100;
#pragma omp target update to(y) depend(in : y) nowait
#pragma omp taskwait
      CHECK(y == 111);
    }
  }
  return 0;
}
