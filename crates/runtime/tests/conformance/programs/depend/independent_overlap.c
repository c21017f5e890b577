// Tasks that depend on different objects are executed at the same time.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(10) {
    int x[2] = {0, 0};
    (void)x;
    meeting both = {0};
#pragma omp parallel
#pragma omp single
    for (int i = 0; i < 2; i++) {
#pragma omp task depend(inout : x[i])
      MEET(&both, 2);
    }
  }
  return 0;
}
