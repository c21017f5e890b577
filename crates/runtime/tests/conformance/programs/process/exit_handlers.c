// Regions in exit handlers and destructors still run.
//@ status: 4
#include "conf.h"

static void at_exit(void) {
  int count = 0;
#pragma omp parallel reduction(+ : count)
  count++;
  CHECK(count == omp_get_max_threads());
}

__attribute__((destructor)) static void at_the_very_end(void) {
  int count = 0;
#pragma omp parallel reduction(+ : count)
  count++;
  CHECK(count == omp_get_max_threads());
}

int main(void) {
  atexit(at_exit);
#pragma omp parallel
  {
  }
  return 4;
}
