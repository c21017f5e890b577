// Malformed environment variables are told by name and value, and the program runs as if they were not set.
//@ threads: 4
//@ env: OMP_SCHEDULE=sometimes,4 OMP_DYNAMIC=perhaps OMP_STACKSIZE=big
//@ gcc: no, libgomp has its own words
//@ stderr: OMP_SCHEDULE
//@ stderr: sometimes
//@ stderr: OMP_DYNAMIC
//@ stderr: perhaps
//@ stderr: OMP_STACKSIZE
#include "conf.h"

int main(void) {
  CHECK(omp_get_max_threads() == 4 && !omp_get_dynamic());
  int count = 0;
#pragma omp parallel reduction(+ : count)
  count++;
  CHECK(count == 4);
  return 0;
}
