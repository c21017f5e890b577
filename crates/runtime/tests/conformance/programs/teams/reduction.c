// Reductions over the teams of a league.
#include "conf.h"

int main(void) {
  REPEAT(10) {
    int sum = 1, most = -1;
#pragma omp teams num_teams(4) reduction(+ : sum) reduction(max : most)
    {
      sum += omp_get_team_num() + 1;
      most = omp_get_team_num();
    }
    CHECK(sum == 11 && most == 3);
  }
  return 0;
}
