// exit from within a region, by any thread, while others are in barriers and loops.
//@ status: 17
#include "conf.h"

static void last(void) { fflush(stdout); }

int main(void) {
  atexit(last);
#pragma omp parallel
  {
    for (int i = 0; i < 50; i++) {
#pragma omp barrier
      conf_jitter(i);
    }
    if (omp_get_thread_num() == omp_get_num_threads() - 1) exit(17);
#pragma omp barrier
  }
  return 1;
}
