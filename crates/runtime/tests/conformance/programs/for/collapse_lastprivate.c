// collapse with lastprivate of the loops' variables.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int i = -1, j = -1, x = -1;
#pragma omp parallel for collapse(2) lastprivate(i, j, x) schedule(dynamic, 5)
  for (i = 0; i < 9; i++)
    for (j = 0; j < 8; j++) x = i * 100 + j;
  CHECK(i == 9 && j == 8 && x == 807);
  return 0;
}
