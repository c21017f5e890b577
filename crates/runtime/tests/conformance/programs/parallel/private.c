// private: each thread has its own object; the original keeps its value.
#include "conf.h"

int main(void) {
  int n = omp_get_max_threads(), x = 41;
  double array[5] = {1, 2, 3, 4, 5};
  int *addresses[64] = {0};
  meeting all = {0};
#pragma omp parallel private(x, array)
  {
    x = omp_get_thread_num();
    for (int i = 0; i < 5; i++) array[i] = x * 10 + i;
    addresses[x] = &x;
    MEET(&all, n);
    CHECK(x == omp_get_thread_num());
    for (int i = 0; i < 5; i++) CHECK(array[i] == x * 10 + i);
    for (int i = 0; i < n; i++) CHECK(i == x || addresses[i] != &x);
  }
  CHECK(x == 41 && array[0] == 1 && array[4] == 5);
  return 0;
}
