// shared: all threads see one object; what they wrote is visible after the region.
#include "conf.h"

int main(void) {
  REPEAT(50) {
    int values[64] = {0}, *seen[64] = {0};
    int one = 0;
#pragma omp parallel shared(values, one, seen)
    {
      seen[omp_get_thread_num()] = &one;
      values[omp_get_thread_num()] = omp_get_thread_num() + 1;
    }
    for (int i = 0; i < omp_get_max_threads(); i++) CHECK(values[i] == i + 1 && seen[i] == &one);
  }
  return 0;
}
