// parallel for, parallel sections, parallel masked: the same as the constructs one inside the other.
#include "conf.h"

int main(void) {
  int hits[100] = {0}, sections = 0;
#pragma omp parallel for
  for (int i = 0; i < 100; i++) hits[i]++;
  for (int i = 0; i < 100; i++) CHECK(hits[i] == 1);
#pragma omp parallel sections reduction(+ : sections)
  {
#pragma omp section
    sections += 1;
#pragma omp section
    sections += 10;
#pragma omp section
    sections += 100;
  }
  CHECK(sections == 111);
#if _OPENMP >= 202011 || defined(__clang__)
  int masked = 0;
#pragma omp parallel masked
  {
    CHECK(omp_get_thread_num() == 0);
    masked++;
  }
  CHECK(masked == 1);
#endif
  return 0;
}
