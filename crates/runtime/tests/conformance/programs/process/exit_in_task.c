// exit from within a task.
//@ status: 18
#include "conf.h"

int main(void) {
#pragma omp parallel
#pragma omp single
  for (int i = 0; i < 100; i++) {
#pragma omp task
    if (i == 60) exit(18);
  }
  return 1;
}
