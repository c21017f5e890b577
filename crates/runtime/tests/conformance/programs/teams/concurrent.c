// The teams of a league run at the same time, where there are threads for them.
//@ gcc: no, libgomp runs the teams one after the other
//@ threads: 4 17
#include "conf.h"

int main(void) {
  // On one processor they take turns.
  if (omp_get_num_procs() < 2) return 0;
  meeting both = {0};
  // OpenMP does not promise it; this runtime does, when at least two teams are made.
#pragma omp teams num_teams(2)
  MEET(&both, omp_get_num_teams());
  return 0;
}
