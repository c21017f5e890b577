// A parallel region within a task; its threads have their own tasks.
//@ env: OMP_MAX_ACTIVE_LEVELS=2
//@ threads: 1 2 4
#include "conf.h"

int main(void) {
  int total = 0;
#pragma omp parallel
#pragma omp single
  for (int i = 0; i < 6; i++) {
#pragma omp task shared(total)
    {
      int sum = 0;
#pragma omp parallel num_threads(2) shared(sum)
      {
#pragma omp single
        for (int k = 0; k < 10; k++) {
#pragma omp task shared(sum)
#pragma omp atomic
          sum += k;
        }
      }
      CHECK(sum == 45);
#pragma omp atomic
      total += sum;
    }
  }
  CHECK(total == 270);
  return 0;
}
