// copyprivate on threadprivate variables.
//@ dynamic: yes
#include "conf.h"

static int value;
static double list[8];
#pragma omp threadprivate(value, list)

int main(void) {
  REPEAT(20) {
#pragma omp parallel
    {
      value = -omp_get_thread_num();
#pragma omp single copyprivate(value, list)
      {
        value = 100 + repeat_;
        for (int i = 0; i < 8; i++) list[i] = repeat_ * 8 + i;
      }
      CHECK(value == 100 + repeat_);
      for (int i = 0; i < 8; i++) CHECK(list[i] == repeat_ * 8 + i);
    }
  }
  return 0;
}
