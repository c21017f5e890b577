// Sections are executed at the same time by different threads.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(20) {
    meeting both = {0};
    int first = -1, second = -1;
#pragma omp parallel sections
    {
#pragma omp section
      {
        MEET(&both, 2);
        first = omp_get_thread_num();
      }
#pragma omp section
      {
        MEET(&both, 2);
        second = omp_get_thread_num();
      }
    }
    CHECK(first != second && first >= 0 && second >= 0);
  }
  return 0;
}
