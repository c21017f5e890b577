// loop in a parallel region: bind(parallel) shares the iterations, bind(thread) gives all to each; collapse, lastprivate, order.
//@ gcc: no, gcc 12 refuses some of the clauses
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int hits[100] = {0}, all[100] = {0}, n = 0, i, j;
  int grid[6][7] = {{0}};
#pragma omp parallel private(i)
  {
#pragma omp single
    n = omp_get_num_threads();
#pragma omp loop
    for (int k = 0; k < 100; k++) hits[k]++;
#pragma omp loop bind(parallel) order(concurrent)
    for (int k = 0; k < 100; k++) hits[k]++;
#pragma omp loop bind(thread)
    for (int k = 0; k < 100; k++)
#pragma omp atomic
      all[k]++;
#pragma omp loop collapse(2) private(j)
    for (i = 0; i < 6; i++)
      for (j = 0; j < 7; j++) grid[i][j]++;
  }
  for (int k = 0; k < 100; k++) CHECK(hits[k] == 2 && all[k] == n);
  for (i = 0; i < 6; i++)
    for (j = 0; j < 7; j++) CHECK(grid[i][j] == 1);
  return 0;
}
