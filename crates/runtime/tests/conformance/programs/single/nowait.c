// single nowait: the others go on while the one is still in it.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(20) {
    atomic_int past = 0;
#pragma omp parallel
    {
#pragma omp single nowait
      AWAIT(atomic_load(&past) == omp_get_num_threads() - 1);
      atomic_fetch_add(&past, 1);
    }
    CHECK(past == omp_get_max_threads());
  }
  return 0;
}
