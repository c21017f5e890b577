// num_teams(lower: upper) gives a size between the two.
//@ version: 51
//@ clang: no, clang 22 does not know the lower bound
#include "conf.h"

int main(void) {
#pragma omp teams num_teams(2 : 6)
  CHECK(omp_get_num_teams() >= 2 && omp_get_num_teams() <= 6);
  return 0;
}
