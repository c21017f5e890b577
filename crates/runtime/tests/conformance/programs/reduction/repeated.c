// Many reductions one after the other in one region, with and without other constructs between.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  long total = 0;
#pragma omp parallel shared(total)
  for (int round = 0; round < 300; round++) {
#pragma omp for reduction(+ : total)
    for (int i = 0; i < 10; i++) total += 1;
    CHECK(total == 10L * (round + 1));
#pragma omp barrier
  }
  CHECK(total == 3000);
  return 0;
}
