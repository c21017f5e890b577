// ordered(3) with different steps and directions.
//@ gcc: no, OpenMP 5.2 spelling
//@ dynamic: yes
#include "conf.h"

int main(void) {
  static int done[8][8][8];
#pragma omp parallel for ordered(3) schedule(static, 1)
  for (int i = 0; i < 8; i += 2)
    for (int j = 7; j >= 0; j--)
      for (unsigned k = 1; k < 8; k += 3) {
#pragma omp ordered doacross(sink : i - 2, j, k) doacross(sink : i, j + 1, k) doacross(sink : i, j, k - 3)
        CHECK(i == 0 || done[i - 2][j][k]);
        CHECK(j == 7 || done[i][j + 1][k]);
        CHECK(k == 1 || done[i][j][k - 3]);
        done[i][j][k] = 1;
#pragma omp ordered doacross(source :)
      }
  CHECK(done[6][0][7]);
  return 0;
}
