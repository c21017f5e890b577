// flush seq_cst (store buffering): of two threads that each write one flag and read the other, at least one sees the other's.
//@ gcc: no, flush seq_cst is OpenMP 5.1
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
#pragma omp atomic write
        x = 1;
#pragma omp flush seq_cst
#pragma omp atomic read
        saw[0] = y;
      } else {
#pragma omp atomic write
        y = 1;
#pragma omp flush seq_cst
#pragma omp atomic read
        saw[1] = x;
      }
    }
    CHECK(saw[0] || saw[1]);
  }
  return 0;
}
