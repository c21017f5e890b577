// Iterations without an ordered region do not hold up those that have one.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(20) {
    int list[200], count = 0;
#pragma omp parallel for ordered schedule(dynamic, 2)
    for (int i = 0; i < 200; i++)
      if (i % 3 == 1 || i > 150) {
#pragma omp ordered
        list[count++] = i;
      }
    int expected = 0;
    for (int i = 0; i < 200; i++)
      if (i % 3 == 1 || i > 150) CHECK(list[expected++] == i);
    CHECK(count == expected);
  }
  return 0;
}
