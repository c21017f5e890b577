// reduction(default, ...) is reduction; static and reference-like uses of the private copy's address differ per thread.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int sum = 0;
  int *seen[64] = {0};
#pragma omp parallel reduction(default, + : sum)
  {
    seen[omp_get_thread_num()] = &sum;
    sum = omp_get_thread_num();
#pragma omp barrier
    for (int i = 0; i < omp_get_num_threads(); i++) CHECK(i == omp_get_thread_num() || seen[i] != &sum);
    CHECK(sum == omp_get_thread_num());
  }
  CHECK(sum >= 0);
  return 0;
}
