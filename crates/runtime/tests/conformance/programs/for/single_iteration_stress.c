// A great number of short loops of changing kinds, one after the other.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  static int counts[6];
  enum { ROUNDS = 200 };
#pragma omp parallel
  for (int round = 0; round < ROUNDS; round++) {
#pragma omp for schedule(dynamic) nowait
    for (int i = 0; i < round % 5; i++)
#pragma omp atomic
      counts[0]++;
#pragma omp for schedule(guided) nowait
    for (int i = 0; i < round % 3; i++)
#pragma omp atomic
      counts[1]++;
#pragma omp for schedule(static) nowait
    for (int i = 0; i < 2; i++)
#pragma omp atomic
      counts[2]++;
#pragma omp for schedule(nonmonotonic : dynamic, 2)
    for (int i = 0; i < round % 7; i++)
#pragma omp atomic
      counts[3]++;
  }
  int expected[4] = {0, 0, 2 * ROUNDS, 0};
  for (int round = 0; round < ROUNDS; round++) expected[0] += round % 5, expected[1] += round % 3, expected[3] += round % 7;
  for (int k = 0; k < 4; k++) CHECK(counts[k] == expected[k]);
  return 0;
}
