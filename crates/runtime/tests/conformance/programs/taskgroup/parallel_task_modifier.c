// reduction(task, ...) on parallel, for and sections: explicit tasks take part with in_reduction.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(20) {
    int sum = 0, n = 0, loop = 0, parts = 0;
#pragma omp parallel reduction(task, + : sum) shared(n)
    {
#pragma omp single nowait
      n = omp_get_num_threads();
      sum += 1;
      for (int i = 0; i < 5; i++) {
#pragma omp task in_reduction(+ : sum)
        sum += 10;
      }
    }
    CHECK(sum == 51 * n);
#pragma omp parallel
    {
#pragma omp for reduction(task, + : loop)
      for (int i = 0; i < 40; i++) {
        loop++;
#pragma omp task in_reduction(+ : loop)
        loop += 2;
      }
#pragma omp sections reduction(task, + : parts)
      {
#pragma omp section
        {
#pragma omp task in_reduction(+ : parts)
          parts += 3;
        }
#pragma omp section
        parts += 4;
      }
    }
    CHECK(loop == 120 && parts == 7);
  }
  return 0;
}
