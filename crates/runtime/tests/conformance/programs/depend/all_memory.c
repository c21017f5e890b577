// depend(out: omp_all_memory) and inout: after every task before it, before every task with dependences after it.
//@ gcc: no, OpenMP 5.1
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(50) {
    int a = 0, b = 0, c = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(out : a) shared(a)
      {
        conf_jitter(repeat_);
        a = 1;
      }
#pragma omp task depend(inout : b) shared(b)
      b = 1;
#pragma omp task depend(out : omp_all_memory) shared(a, b, c)
      {
        CHECK(a == 1 && b == 1);
        conf_jitter(repeat_ + 1);
        c = 2;
      }
#pragma omp task depend(in : a) shared(c)
      CHECK(c >= 2);
#pragma omp task depend(out : c) shared(c)
      c = 3;
#pragma omp task depend(inout : omp_all_memory) depend(in : a) shared(a, c)
      CHECK(c == 3 && a == 1);
    }
  }
  return 0;
}
