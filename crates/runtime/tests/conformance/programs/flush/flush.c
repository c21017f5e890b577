// flush: what was written before a flag is seen by whoever has seen the flag.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(200) {
    int data = 0, flag = 0;
#pragma omp parallel num_threads(2)
    if (omp_get_thread_num() == 0) {
      data = 42 + repeat_;
#pragma omp flush
#pragma omp atomic write
      flag = 1;
    } else {
      int seen = 0;
      while (!seen) {
#pragma omp atomic read
        seen = flag;
        if (!seen) sched_yield();
      }
#pragma omp flush
      CHECK(data == 42 + repeat_);
    }
  }
  return 0;
}
