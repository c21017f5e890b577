// reverse: the iterations in the opposite order.
//@ gcc: no, loop transformations come with gcc 15
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int order[50], count = 0, hits[50] = {0};
#pragma omp reverse
  for (int i = 0; i < 50; i++) order[count++] = i;
  for (int i = 0; i < 50; i++) CHECK(order[i] == 49 - i);
#pragma omp parallel for schedule(dynamic, 3)
#pragma omp reverse
  for (int i = 3; i < 50; i += 4) hits[i]++;
  for (int i = 0; i < 50; i++) CHECK(hits[i] == (i % 4 == 3));
  return 0;
}
