// _OPENMP and the sizes of the header's types.
//@ threads: 1
#include "conf.h"

int main(void) {
  CHECK(_OPENMP >= 201511);
  CHECK(sizeof(omp_lock_t) <= 64 && sizeof(omp_nest_lock_t) <= 64);
  return 0;
}
