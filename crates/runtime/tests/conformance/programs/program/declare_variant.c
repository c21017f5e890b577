// declare variant: by construct, by condition of the implementation; the base function elsewhere.
//@ dynamic: yes
//@ flags: -Wno-unused-function -Wno-unneeded-internal-declaration
#include "conf.h"

static int in_parallel(void) { return 2; }
static int in_for(void) { return 3; }
#pragma omp declare variant(in_parallel) match(construct = {parallel})
#pragma omp declare variant(in_for) match(construct = {parallel, for})
static int base(void) { return 1; }

int main(void) {
  CHECK(base() == 1);
#pragma omp parallel
  CHECK(base() == 2);
#pragma omp parallel for
  for (int i = 0; i < 10; i++) CHECK(base() == 3);
  return 0;
}
