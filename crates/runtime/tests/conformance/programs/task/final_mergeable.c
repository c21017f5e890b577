// mergeable tasks, undeferred and final: the result is that of either form.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int sum = 0;
#pragma omp parallel
#pragma omp single
  for (int i = 0; i < 50; i++) {
#pragma omp task mergeable shared(sum)
#pragma omp atomic
    sum += i;
#pragma omp task mergeable if (0) shared(sum)
#pragma omp atomic
    sum += i;
#pragma omp task final(i % 2) mergeable shared(sum)
    {
#pragma omp task mergeable shared(sum)
#pragma omp atomic
      sum += 1;
    }
  }
  CHECK(sum == 2 * 1225 + 50);
  return 0;
}
