// doacross(sink: omp_cur_iteration - 1): the iteration before this one.
//@ gcc: no, OpenMP 5.2
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int order = 0;
#pragma omp parallel for ordered(1) schedule(dynamic)
  for (int i = 5; i < 105; i++) {
#pragma omp ordered doacross(sink : omp_cur_iteration - 1)
    CHECK(order == i - 5);
    order++;
#pragma omp ordered doacross(source : omp_cur_iteration)
  }
  CHECK(order == 100);
  return 0;
}
