// target data, enter data, exit data, update: nothing is lost on the host.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  double *a = malloc(100 * sizeof *a);
  for (int i = 0; i < 100; i++) a[i] = i;
#pragma omp target data map(tofrom : a[0 : 100])
  {
#pragma omp target
    for (int i = 0; i < 100; i++) a[i] += 1;
#pragma omp target update from(a[0 : 100])
    CHECK(a[99] == 100);
  }
#pragma omp target enter data map(to : a[0 : 100])
#pragma omp target map(a[0 : 100])
  for (int i = 0; i < 100; i++) a[i] *= 2;
#pragma omp target update to(a[0 : 50])
#pragma omp target exit data map(from : a[0 : 100])
  for (int i = 0; i < 100; i++) CHECK(a[i] == 2 * (i + 1));
  free(a);
  return 0;
}
