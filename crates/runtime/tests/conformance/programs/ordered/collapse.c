// ordered with collapse(2): the order of the nested loops.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int next = 0;
#pragma omp parallel for ordered collapse(2) schedule(dynamic, 2)
  for (int i = 0; i < 12; i++)
    for (int j = 0; j < 15; j++) {
#pragma omp ordered
      {
        CHECK(next == i * 15 + j);
        next++;
      }
    }
  CHECK(next == 180);
  return 0;
}
