// Loops over pointers.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  double values[300];
  for (int i = 0; i < 300; i++) values[i] = 0;
#pragma omp parallel
  {
#pragma omp for
    for (double *p = values; p < values + 300; p++) *p += 1;
#pragma omp for schedule(dynamic, 5)
    for (double *p = values + 299; p >= values; p -= 1) *p += 2;
#pragma omp for schedule(guided)
    for (double *p = values; p != values + 300; ++p) *p += 4;
  }
  for (int i = 0; i < 300; i++) CHECK(values[i] == 7);
  return 0;
}
