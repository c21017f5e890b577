// atomic compare with fail(order): a lock built of them excludes.
//@ gcc: no, OpenMP 5.1
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int lock = 0;
  long count = 0, expected = 0;
#pragma omp parallel reduction(+ : expected)
  for (int i = 0; i < 300; i++) {
    int got = 0;
    while (!got) {
#pragma omp atomic compare capture acquire fail(relaxed)
      {
        got = lock == 0;
        if (got) lock = 1;
      }
      if (!got) sched_yield();
    }
    count++;
    expected++;
#pragma omp atomic write release
    lock = 0;
  }
  CHECK(count == expected);
  return 0;
}
