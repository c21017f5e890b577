// Tasks outside any parallel region: taskwait and taskgroup complete them.
//@ threads: 1 4
#include "conf.h"

int main(void) {
  int a = 0, b = 0;
#pragma omp task shared(a)
  a = 1;
#pragma omp taskwait
  CHECK(a == 1);
#pragma omp taskgroup
  {
#pragma omp task shared(b)
    {
#pragma omp task shared(b)
      b = 2;
    }
  }
  CHECK(b == 2);
#pragma omp task depend(out : a) shared(a)
  a = 5;
#pragma omp task depend(in : a) shared(a, b)
  b = a;
#pragma omp taskwait
  CHECK(b == 5);
  return 0;
}
