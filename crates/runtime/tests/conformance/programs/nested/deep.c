// Thirty levels of serialized regions, and back again.
//@ dynamic: yes
#include "conf.h"

static int depth(int left) {
  int result = 0, level = omp_get_level();
#pragma omp parallel num_threads(1) shared(result)
  {
    CHECK(omp_get_level() == level + 1);
    result = left == 0 ? omp_get_level() : depth(left - 1);
  }
  CHECK(omp_get_level() == level);
  return result;
}

int main(void) {
  CHECK(depth(29) == 30);
#pragma omp parallel
  CHECK(depth(9) == 11);
  return 0;
}
