// taskloop collapse(2) and taskloop simd.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int grid[13][17] = {{0}}, line[100] = {0};
#pragma omp parallel
#pragma omp single
  {
#pragma omp taskloop collapse(2) grainsize(4)
    for (int i = 0; i < 13; i++)
      for (int j = 16; j >= 0; j--) grid[i][j]++;
#pragma omp taskloop simd simdlen(4)
    for (int i = 0; i < 100; i++) line[i] += i;
  }
  for (int i = 0; i < 13; i++)
    for (int j = 0; j < 17; j++) CHECK(grid[i][j] == 1);
  for (int i = 0; i < 100; i++) CHECK(line[i] == i);
  return 0;
}
