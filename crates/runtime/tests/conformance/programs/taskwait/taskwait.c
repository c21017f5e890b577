// taskwait: waits for the children, not for their children.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(100) {
#pragma omp parallel
    {
      int values[20];
      for (int i = 0; i < 20; i++) {
#pragma omp task shared(values)
        {
          conf_jitter(i + repeat_);
          values[i] = i + repeat_;
        }
      }
#pragma omp taskwait
      for (int i = 0; i < 20; i++) CHECK(values[i] == i + repeat_);
    }
  }
  return 0;
}
