// assume and assumes: promises change nothing.
//@ gcc: no, OpenMP 5.1
//@ dynamic: yes
#include "conf.h"

#pragma omp assumes no_openmp_routines ext_this_is_ignored
#pragma omp begin assumes no_parallelism
static int twice(int x) { return 2 * x; }
#pragma omp end assumes

int main(void) {
  int sum = 0;
#pragma omp parallel for reduction(+ : sum)
  for (int i = 0; i < 100; i++) {
#pragma omp assume no_openmp holds(i >= 0)
    sum += twice(i);
  }
  CHECK(sum == 9900);
  return 0;
}
