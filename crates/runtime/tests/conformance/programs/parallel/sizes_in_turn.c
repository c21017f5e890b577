// Regions of different sizes one after the other; each has the size asked for, and loses no thread.
#include "conf.h"

int main(void) {
  unsigned random = 1;
  REPEAT(400) {
    random = random * 1103515245u + 12345;
    int n = 1 + (int)(random >> 16) % 12, count = 0;
    int hits[12] = {0};
#pragma omp parallel num_threads(n)
    {
      hits[omp_get_thread_num()]++;
#pragma omp atomic
      count++;
    }
    CHECK(count == n);
    for (int i = 0; i < 12; i++) CHECK(hits[i] == (i < n));
  }
  return 0;
}
