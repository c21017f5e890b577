// copyprivate: the executor's values of private variables reach all others: scalars, arrays, structures.
//@ dynamic: yes
#include "conf.h"

struct thing {
  int a;
  char name[12];
};

int main(void) {
  REPEAT(50) {
#pragma omp parallel
    {
      int x = -1;
      double array[30];
      struct thing thing = {0, ""};
#pragma omp single copyprivate(x, array, thing)
      {
        x = repeat_;
        for (int i = 0; i < 30; i++) array[i] = repeat_ * i;
        thing.a = repeat_ + 1;
        strcpy(thing.name, "told");
      }
      CHECK(x == repeat_ && thing.a == repeat_ + 1 && strcmp(thing.name, "told") == 0);
      for (int i = 0; i < 30; i++) CHECK(array[i] == repeat_ * i);
      // The copies are private again.
      x = omp_get_thread_num();
      conf_jitter(repeat_);
      CHECK(x == omp_get_thread_num());
    }
  }
  return 0;
}
