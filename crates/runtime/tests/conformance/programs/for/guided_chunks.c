// schedule(guided, c): only the last chunk has fewer than c iterations, and the first chunks are larger than the last ones.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  for (int chunk = 1; chunk <= 9; chunk += 2) {
    static int owner[3000];
#pragma omp parallel for schedule(guided, chunk)
    for (int i = 0; i < 3000; i++) {
      owner[i] = omp_get_thread_num();
      if (i % 50 == 0) sched_yield();
    }
    int length = 1, first = 0;
    for (int i = 1; i < 3000; i++) {
      if (owner[i] == owner[i - 1]) {
        length++;
        continue;
      }
      CHECK(length >= chunk);
      if (!first) first = length;
      length = 1;
    }
    // One thread may have taken everything.
    CHECK(!first || first >= 3000 / (4 * omp_get_max_threads()));
  }
  return 0;
}
