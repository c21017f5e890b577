// teams on the host: a league of the size asked for, numbers 0..n-1, one initial thread each.
//@ gcc: no, gcc refuses other constructs directly in teams
#include "conf.h"

int main(void) {
  for (int n = 1; n <= 5; n++) {
    int seen[8] = {0}, size = 0;
#pragma omp teams num_teams(n)
    {
      CHECK(omp_get_num_threads() == 1 && omp_get_thread_num() == 0 && omp_get_level() == 0);
      CHECK(omp_get_num_teams() == n && omp_get_team_num() >= 0 && omp_get_team_num() < n);
#pragma omp atomic
      seen[omp_get_team_num()]++;
#pragma omp atomic write
      size = omp_get_num_teams();
    }
    CHECK(size == n);
    for (int i = 0; i < 8; i++) CHECK(seen[i] == (i < n));
  }
  CHECK(omp_get_num_teams() == 1 && omp_get_team_num() == 0);
  return 0;
}
