// in, out, inout: chains and fans; the order of generation is kept between tasks that depend on each other.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(50) {
    int x = 0, seen[10];
#pragma omp parallel
#pragma omp single
    {
      for (int i = 0; i < 10; i++) {
#pragma omp task depend(inout : x) shared(x)
        {
          conf_jitter(i + repeat_);
          CHECK(x == i);
          x = i + 1;
        }
      }
      for (int i = 0; i < 10; i++) {
#pragma omp task depend(in : x) shared(x, seen)
        seen[i] = x;
      }
#pragma omp task depend(out : x) shared(x, seen)
      {
        for (int i = 0; i < 10; i++) CHECK(seen[i] == 10);
        x = 99;
      }
    }
    CHECK(x == 99);
  }
  return 0;
}
