// copyin: all threads begin with the master's value: scalars, arrays, structures; on parallel and combined constructs.
//@ dynamic: yes
#include "conf.h"

static int number;
static long list[30];
static struct {
  int a;
  double b;
} pair;
#pragma omp threadprivate(number, list, pair)

int main(void) {
  REPEAT(50) {
    number = repeat_;
    for (int i = 0; i < 30; i++) list[i] = repeat_ * i;
    pair.a = -repeat_;
    pair.b = repeat_ * 0.5;
#pragma omp parallel copyin(number, list, pair)
    {
      CHECK(number == repeat_ && pair.a == -repeat_ && pair.b == repeat_ * 0.5);
      for (int i = 0; i < 30; i++) CHECK(list[i] == repeat_ * i);
      number = -1;
      list[5] = -omp_get_thread_num();
    }
    number = 1000 + repeat_;
#pragma omp parallel for copyin(number)
    for (int i = 0; i < 40; i++) CHECK(number == 1000 + repeat_);
  }
  return 0;
}
