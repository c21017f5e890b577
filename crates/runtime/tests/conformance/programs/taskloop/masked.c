// parallel masked taskloop (simd) and its parts.
//@ gcc: no, OpenMP 5.1
//@ dynamic: yes
#include "conf.h"

int main(void) {
  // clang 22 copies automatic variables here that are shared.
  static int hits[100];
#pragma omp parallel masked taskloop
  for (int i = 0; i < 100; i++) hits[i]++;
#pragma omp parallel masked taskloop simd grainsize(3)
  for (int i = 0; i < 100; i++) hits[i]++;
#pragma omp parallel
#pragma omp masked taskloop num_tasks(4)
  for (int i = 0; i < 100; i++) hits[i]++;
#pragma omp parallel master taskloop
  for (int i = 0; i < 100; i++) hits[i]++;
  for (int i = 0; i < 100; i++) CHECK(hits[i] == 4);
  return 0;
}
