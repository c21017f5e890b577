// affinity hints, with sections and iterators: hints only.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int a[100] = {0};
#pragma omp parallel
#pragma omp single
  for (int i = 0; i < 100; i++) {
#pragma omp task affinity(a[i]) shared(a)
    a[i]++;
#pragma omp task affinity(iterator(int k = 0 : 10) : a[k * 10]) shared(a)
#pragma omp atomic
    a[0] += 0;
  }
  for (int i = 0; i < 100; i++) CHECK(a[i] == 1);
  return 0;
}
