// unroll, unroll partial and unroll full.
//@ gcc: no, loop transformations come with gcc 15
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int a[103] = {0}, order[10], count = 0;
#pragma omp unroll
  for (int i = 0; i < 103; i++) a[i]++;
#pragma omp unroll partial(4)
  for (int i = 102; i >= 0; i--) a[i]++;
#pragma omp unroll full
  for (int i = 0; i < 10; i++) order[count++] = i;
#pragma omp parallel for schedule(dynamic)
#pragma omp unroll partial(3)
  for (int i = 0; i < 103; i++) a[i]++;
#pragma omp parallel for
#pragma omp unroll partial
  for (int i = 0; i < 103; i += 2) a[i]++;
  for (int i = 0; i < 103; i++) CHECK(a[i] == 3 + (i % 2 == 0));
  for (int i = 0; i < 10; i++) CHECK(order[i] == i);
  return 0;
}
