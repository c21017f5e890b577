// Reductions of inner regions, combined by a reduction of the outer one.
//@ env: OMP_MAX_ACTIVE_LEVELS=2
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(20) {
    long sum = 0;
#pragma omp parallel for reduction(+ : sum)
    for (int i = 0; i < 20; i++) {
      long row = 0;
#pragma omp parallel for reduction(+ : row) num_threads(2)
      for (int j = 0; j < 50; j++) row += i * j;
      sum += row;
    }
    CHECK(sum == 190L * 1225);
  }
  return 0;
}
