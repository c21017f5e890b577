// begin declare variant ... end: the whole definition is replaced where the context matches.
//@ gcc: no, OpenMP 5.1
//@ threads: 1 2
//@ flags: -Wno-unused-function
#include "conf.h"

static int which(void) { return 1; }
#pragma omp begin declare variant match(device = {kind(host)})
static int which(void) { return 2; }
#pragma omp end declare variant
#pragma omp begin declare variant match(device = {kind(nohost)})
static int which(void) { return 3; }
#pragma omp end declare variant

int main(void) {
  CHECK(which() == 2);
#pragma omp parallel
  CHECK(which() == 2);
  return 0;
}
