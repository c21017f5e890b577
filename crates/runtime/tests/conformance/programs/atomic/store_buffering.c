// atomic seq_cst: one order of all of them.
//@ threads: 2
#include "conf.h"

int main(void) {
  REPEAT(2000) {
    int x = 0, y = 0, saw[2] = {0, 0};
    meeting start = {0};
#pragma omp parallel num_threads(2)
    {
      MEET(&start, 2);
      if (omp_get_thread_num() == 0) {
#pragma omp atomic write seq_cst
        x = 1;
#pragma omp atomic read seq_cst
        saw[0] = y;
      } else {
#pragma omp atomic write seq_cst
        y = 1;
#pragma omp atomic read seq_cst
        saw[1] = x;
      }
    }
    CHECK(saw[0] || saw[1]);
  }
  return 0;
}
