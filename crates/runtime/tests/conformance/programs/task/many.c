// A hundred thousand tasks, most of them empty, from one generator and from all.
//@ dynamic: yes
//@ threads: 1 2 4
#include "conf.h"

int main(void) {
  long count = 0;
#pragma omp parallel reduction(+ : count)
  {
    long mine = 0;
#pragma omp single
    for (int i = 0; i < 50000; i++) {
#pragma omp task
      {
      }
    }
#pragma omp for
    for (int i = 0; i < 50000; i++) {
#pragma omp task shared(mine)
#pragma omp atomic
      mine++;
    }
#pragma omp taskwait
    count += mine;
  }
  CHECK(count == 50000);
  return 0;
}
