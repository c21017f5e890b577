// Sections of different names are executed at the same time.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(10) {
    meeting both = {0};
#pragma omp parallel num_threads(2)
    if (omp_get_thread_num() == 0) {
#pragma omp critical(one)
      MEET(&both, 2);
    } else {
#pragma omp critical(other)
      MEET(&both, 2);
    }
  }
  return 0;
}
