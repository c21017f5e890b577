// A region runs on a team of the size asked for, each thread with its own number, all at the same time.
#include "conf.h"

int main(void) {
  int n = omp_get_max_threads();
  REPEAT(20) {
    int seen[64] = {0};
    meeting all = {0};
#pragma omp parallel
    {
      CHECK(omp_get_num_threads() == n);
      seen[omp_get_thread_num()]++;
      MEET(&all, n);
    }
    for (int i = 0; i < 64; i++) CHECK(seen[i] == (i < n));
  }
  CHECK(omp_get_num_threads() == 1 && omp_get_thread_num() == 0);
  return 0;
}
