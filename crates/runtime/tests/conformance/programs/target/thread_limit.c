// target thread_limit(n) bounds the regions inside.
//@ version: 51
#include "conf.h"

int main(void) {
  int n = 0;
#pragma omp target thread_limit(2) map(tofrom : n)
#pragma omp parallel num_threads(6)
#pragma omp atomic
  n++;
  CHECK(n >= 1 && n <= 2);
  return 0;
}
