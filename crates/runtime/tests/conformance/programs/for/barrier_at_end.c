// The implicit barrier of a loop: nobody goes on before all iterations are done.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int values[128];
  REPEAT(100) {
#pragma omp parallel
    {
#pragma omp for schedule(dynamic)
      for (int i = 0; i < 128; i++) {
        conf_jitter(i + repeat_);
        values[i] = repeat_ * 1000 + i;
      }
      for (int i = 0; i < 128; i++) CHECK(values[i] == repeat_ * 1000 + i);
#pragma omp barrier
    }
  }
  return 0;
}
