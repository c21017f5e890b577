// depobj: dependences kept in objects, updated and destroyed.
//@ dynamic: yes
//@ version: 51
#include "conf.h"

int main(void) {
  REPEAT(50) {
    int x = 0, y = 0;
    omp_depend_t object, other;
#pragma omp depobj(object) depend(inout : x)
#pragma omp depobj(other) depend(in : y)
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(depobj : object) shared(x)
      {
        conf_jitter(repeat_);
        x = 1;
      }
#pragma omp task depend(depobj : object) depend(out : y) shared(x, y)
      {
        CHECK(x == 1);
        x = 2;
        y = 3;
      }
#pragma omp task depend(depobj : other, object) shared(x, y)
      {
        CHECK(x == 2 && y == 3);
        x = 4;
      }
    }
#pragma omp depobj(object) update(in)
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(out : x) shared(x)
      {
        conf_jitter(repeat_);
        x = 5;
      }
#pragma omp task depend(depobj : object) shared(x)
      CHECK(x == 5);
    }
#pragma omp depobj(object) destroy
#pragma omp depobj(other) destroy
  }
  return 0;
}
