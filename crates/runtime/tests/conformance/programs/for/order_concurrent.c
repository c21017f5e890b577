// order(concurrent), also reproducible and unconstrained: every iteration once; reproducible: the same threads each time.
//@ gcc: no, OpenMP 5.1
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int hits[200] = {0}, first[200], second[200];
#pragma omp parallel
  {
#pragma omp for order(concurrent)
    for (int i = 0; i < 200; i++) hits[i]++;
#pragma omp for order(unconstrained : concurrent)
    for (int i = 0; i < 200; i++) hits[i]++;
#pragma omp for order(reproducible : concurrent) schedule(static)
    for (int i = 0; i < 200; i++) hits[i]++, first[i] = hits[i];
#pragma omp for order(reproducible : concurrent) schedule(static) nowait
    for (int i = 0; i < 200; i++) second[i] = first[i];
  }
  for (int i = 0; i < 200; i++) CHECK(hits[i] == 3 && second[i] == 3);
  return 0;
}
