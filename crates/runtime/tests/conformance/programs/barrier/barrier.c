// barrier: plain data written before it by any thread is seen after it by all, many times over.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  static int slot[512];
#pragma omp parallel
  {
    int me = omp_get_thread_num(), n = omp_get_num_threads();
    for (int round = 0; round < 300; round++) {
      conf_jitter(round);
      slot[me * 8] = round;
#pragma omp barrier
      for (int i = 0; i < n; i++) CHECK(slot[i * 8] == round);
#pragma omp barrier
    }
  }
  return 0;
}
