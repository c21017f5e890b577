// interchange: the nest in the order asked for.
//@ gcc: no, loop transformations come with gcc 15
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int order[24], count = 0, hits[6][7] = {{0}};
#pragma omp interchange
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 3; j++) order[count++] = i * 10 + j;
  int swapped[] = {0, 10, 1, 11, 2, 12};
  CHECK(count == 6 && memcmp(order, swapped, sizeof swapped) == 0);
  count = 0;
#pragma omp interchange permutation(3, 1, 2)
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++)
      for (int k = 0; k < 2; k++) order[count++] = i * 100 + j * 10 + k;
  int permuted[] = {0, 10, 100, 110, 1, 11, 101, 111};
  CHECK(count == 8 && memcmp(order, permuted, sizeof permuted) == 0);
#pragma omp parallel for
#pragma omp interchange
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 7; j++) hits[i][j]++;
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 7; j++) CHECK(hits[i][j] == 1);
  return 0;
}
