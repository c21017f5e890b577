// omp_in_explicit_task: true in explicit tasks only.
//@ gcc: no, OpenMP 5.2 routine
//@ dynamic: yes
#include "conf.h"

int main(void) {
  CHECK(!omp_in_explicit_task());
#pragma omp parallel
  {
    CHECK(!omp_in_explicit_task());
#pragma omp task
    {
      CHECK(omp_in_explicit_task());
#pragma omp parallel num_threads(2)
      CHECK(!omp_in_explicit_task());
      CHECK(omp_in_explicit_task());
    }
#pragma omp taskwait
    CHECK(!omp_in_explicit_task());
  }
  return 0;
}
