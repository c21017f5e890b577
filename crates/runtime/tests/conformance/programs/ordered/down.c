// ordered in a loop that counts down, with a 64-bit variable.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int next = 0;
#pragma omp parallel for ordered schedule(dynamic)
  for (long i = 10000000000; i > 10000000000 - 300; i -= 3) {
#pragma omp ordered
    {
      CHECK(i == 10000000000 - 3 * next);
      next++;
    }
  }
  CHECK(next == 100);
  return 0;
}
