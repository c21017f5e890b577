// distribute: the teams share the iterations; blocks, dist_schedule(static, c), collapse, private, lastprivate.
#include "conf.h"

int main(void) {
  int hits[200] = {0}, owner[200], chunked[200], last = -1, grid[6][9] = {{0}};
#pragma omp teams num_teams(4)
  {
    int n = omp_get_num_teams();
#pragma omp distribute
    for (int i = 0; i < 200; i++) hits[i]++, owner[i] = omp_get_team_num();
#pragma omp distribute dist_schedule(static, 7)
    for (int i = 0; i < 200; i++) {
      chunked[i] = omp_get_team_num();
      CHECK(chunked[i] == i / 7 % n);
    }
#pragma omp distribute collapse(2)
    for (int i = 0; i < 6; i++)
      for (int j = 0; j < 9; j++) grid[i][j]++;
  }
#pragma omp teams distribute lastprivate(last) num_teams(3)
  for (int i = 0; i < 100; i++) last = i;
  CHECK(last == 99);
  for (int i = 0; i < 200; i++) CHECK(hits[i] == 1);
  for (int i = 1; i < 200; i++) CHECK(owner[i] >= owner[i - 1]);
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 9; j++) CHECK(grid[i][j] == 1);
  return 0;
}
