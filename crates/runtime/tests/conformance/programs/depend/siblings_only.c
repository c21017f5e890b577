// Dependences hold between siblings, not between tasks of different parents.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(10) {
    int x = 0;
    (void)x;
    meeting both = {0};
#pragma omp parallel
#pragma omp single
    for (int i = 0; i < 2; i++) {
#pragma omp task shared(x)
      {
#pragma omp task depend(inout : x)
        MEET(&both, 2);
#pragma omp taskwait
      }
    }
  }
  return 0;
}
