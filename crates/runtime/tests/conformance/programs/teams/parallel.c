// parallel regions within teams; thread_limit bounds them; each team has its own barrier.
//@ gcc: no, gcc refuses other constructs directly in teams
//@ threads: 1 2 4
#include "conf.h"

int main(void) {
  int count = 0;
#pragma omp teams num_teams(3) thread_limit(2) reduction(+ : count)
  {
    int in_team = 0;
    CHECK(omp_get_thread_limit() <= 2);
#pragma omp parallel num_threads(2) reduction(+ : in_team)
    {
      CHECK(omp_get_num_threads() <= 2 && omp_get_team_num() < 3);
#pragma omp barrier
      in_team++;
    }
    CHECK(in_team >= 1 && in_team <= 2);
    count += 1;
  }
  CHECK(count == 3);
  return 0;
}
