// Tasks are executed by all threads of the team at the same time.
#include "conf.h"

int main(void) {
  int n = omp_get_max_threads();
  REPEAT(10) {
    meeting all = {0};
    int seen[64] = {0};
#pragma omp parallel
#pragma omp single
    for (int i = 0; i < n; i++) {
#pragma omp task
      {
        MEET(&all, n);
        seen[omp_get_thread_num()]++;
      }
    }
    for (int i = 0; i < n; i++) CHECK(seen[i] == 1);
  }
  return 0;
}
