// teams: private, firstprivate, shared, default(none).
//@ gcc: no, gcc refuses other constructs directly in teams
#include "conf.h"

int main(void) {
  int p = 1, f = 2, s = 0;
#pragma omp teams num_teams(4) default(none) private(p) firstprivate(f) shared(s)
  {
    CHECK(f == 2);
    p = omp_get_team_num();
    f += p;
    CHECK(f == 2 + p);
#pragma omp atomic
    s += f;
  }
  CHECK(p == 1 && f == 2 && s == 8 + 6);
  return 0;
}
