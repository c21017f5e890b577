// loop bind(teams) in a league, and teams loop.
//@ gcc: no, gcc 12 lacks it
#include "conf.h"

int main(void) {
  int hits[100] = {0};
#pragma omp teams num_teams(3) thread_limit(2)
#pragma omp loop bind(teams)
  for (int i = 0; i < 100; i++)
#pragma omp atomic
    hits[i]++;
#pragma omp teams loop num_teams(2)
  for (int i = 0; i < 100; i++)
#pragma omp atomic
    hits[i]++;
  for (int i = 0; i < 100; i++) CHECK(hits[i] == 2);
  return 0;
}
