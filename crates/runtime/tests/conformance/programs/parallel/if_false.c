// if(false): a team of one, inactive; if(true): as without the clause.
#include "conf.h"

static void region(bool parallel, int n) {
  int count = 0;
#pragma omp parallel if (parallel) num_threads(n) reduction(+ : count)
  {
    count++;
    CHECK(omp_get_num_threads() == (parallel ? n : 1));
    CHECK(omp_in_parallel() == (parallel && n > 1));
    CHECK(omp_get_level() == 1);
    CHECK(omp_get_active_level() == (parallel && n > 1));
  }
  CHECK(count == (parallel ? n : 1));
}

int main(void) {
  for (int n = 1; n <= 4; n++) {
    region(false, n);
    region(true, n);
  }
  int count = 0;
#pragma omp parallel if (parallel : count > 0) reduction(+ : count)
  count++;
  CHECK(count == 1);
  return 0;
}
