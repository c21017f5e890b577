// collapse(3) of a tetrahedron.
//@ dynamic: yes
//@ gcc: no, not all shapes before gcc 13
#include "conf.h"

int main(void) {
  static unsigned char hits[12][12][12];
#pragma omp parallel
#pragma omp for collapse(3) schedule(dynamic, 3)
  for (int i = 0; i < 12; i++)
    for (int j = i; j < 12; j++)
      for (int k = j; k < 12; k++) hits[i][j][k]++;
  for (int i = 0; i < 12; i++)
    for (int j = 0; j < 12; j++)
      for (int k = 0; k < 12; k++) CHECK(hits[i][j][k] == (i <= j && j <= k));
  return 0;
}
