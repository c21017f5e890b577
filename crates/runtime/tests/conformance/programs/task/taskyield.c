// taskyield: tasks that wait for each other by yielding make progress together, where there are threads for them.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(20) {
    int turn = 0;
#pragma omp parallel
#pragma omp single
    for (int i = 0; i < 2; i++) {
#pragma omp task shared(turn) firstprivate(i)
      {
        for (int k = 0; k < 20; k++) {
          int now;
          double start = conf_now();
          do {
#pragma omp taskyield
#pragma omp atomic read
            now = turn;
            CHECK(conf_now() - start < CONF_PATIENCE);
            if (now % 2 != i) sched_yield();
          } while (now % 2 != i);
#pragma omp atomic
          turn++;
        }
      }
    }
    CHECK(turn == 40);
  }
  return 0;
}
