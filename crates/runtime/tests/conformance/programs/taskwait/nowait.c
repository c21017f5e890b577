// taskwait depend(...) nowait: an empty task that passes dependences on.
//@ gcc: no, OpenMP 5.1
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(50) {
    int x = 0, y = 0, z = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(out : x) shared(x)
      {
        conf_jitter(repeat_);
        x = 1;
      }
#pragma omp task depend(out : y) shared(y)
      y = 1;
#pragma omp taskwait depend(in : x) depend(in : y) depend(out : z) nowait
#pragma omp task depend(in : z) shared(x, y)
      CHECK(x == 1 && y == 1);
    }
  }
  return 0;
}
