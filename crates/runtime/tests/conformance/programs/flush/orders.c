// flush acq_rel, acquire, release, seq_cst and with a list.
//@ gcc: no, flush seq_cst is OpenMP 5.1
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(200) {
    int data = 0, more = 0, flag = 0;
#pragma omp parallel num_threads(2)
    if (omp_get_thread_num() == 0) {
      data = 42 + repeat_;
      more = 1;
#pragma omp flush(data, more)
#pragma omp flush release
#pragma omp atomic write
      flag = 1;
    } else {
      int seen = 0;
      while (!seen) {
#pragma omp atomic read
        seen = flag;
        if (!seen) sched_yield();
      }
#pragma omp flush acquire
      CHECK(data == 42 + repeat_ && more == 1);
#pragma omp flush acq_rel
#pragma omp flush seq_cst
    }
  }
  return 0;
}
