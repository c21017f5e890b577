// requires atomic_default_mem_order(seq_cst), dynamic_allocators: as if each atomic said so.
//@ threads: 2
#include "conf.h"

#pragma omp requires atomic_default_mem_order(seq_cst)
#pragma omp requires dynamic_allocators

int main(void) {
  REPEAT(1000) {
    int x = 0, y = 0, saw[2] = {0, 0};
    meeting start = {0};
#pragma omp parallel num_threads(2)
    {
      MEET(&start, 2);
      if (omp_get_thread_num() == 0) {
#pragma omp atomic write
        x = 1;
#pragma omp atomic read
        saw[0] = y;
      } else {
#pragma omp atomic write
        y = 1;
#pragma omp atomic read
        saw[1] = x;
      }
    }
    CHECK(saw[0] || saw[1]);
  }
  return 0;
}
