// A region before main, from a constructor.
#include "conf.h"

static int before;

__attribute__((constructor)) static void early(void) {
#pragma omp parallel reduction(+ : before)
  before++;
}

int main(void) {
  CHECK(before == omp_get_max_threads());
  return 0;
}
