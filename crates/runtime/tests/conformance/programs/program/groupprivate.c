// groupprivate on the host: one object for each contention group.
//@ gcc: no, OpenMP 6.0
//@ clang: no, clang 22 reads the directive but shares the object
#include "conf.h"

static int value;
#pragma omp groupprivate(value)

int main(void) {
#pragma omp teams num_teams(2)
  {
    value = omp_get_team_num();
#pragma omp parallel num_threads(2)
    CHECK(value == omp_get_team_num());
  }
  return 0;
}
