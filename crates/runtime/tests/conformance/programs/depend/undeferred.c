// if(0) with depend: the generating thread waits for the predecessors, then executes the task.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(50) {
#pragma omp parallel
    {
      int x = 0, y = 0;
#pragma omp task depend(out : x) shared(x)
      {
        conf_jitter(repeat_);
        x = 7;
      }
#pragma omp task depend(in : x) depend(out : y) if (0) shared(x, y)
      {
        CHECK(x == 7);
        y = 8;
      }
      CHECK(y == 8);
#pragma omp task depend(inout : y) shared(y)
      y++;
#pragma omp task depend(in : y) if (0) shared(y)
      CHECK(y == 9);
    }
  }
  return 0;
}
