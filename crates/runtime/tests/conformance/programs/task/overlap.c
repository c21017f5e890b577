// Tasks are executed by different threads at the same time.
#include "conf.h"

int main(void) {
  int n = conf_tasks_at_once(omp_get_max_threads());
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
    int total = 0;
    for (int i = 0; i < 64; i++) {
      CHECK(seen[i] <= 1);
      total += seen[i];
    }
    CHECK(total == n);
  }
  return 0;
}
