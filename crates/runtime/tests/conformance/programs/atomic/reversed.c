// x = expression operator x: the operand order that is not commutative.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(20) {
    long a = 7;
    double d = 2;
    int n = 0;
#pragma omp parallel for reduction(+ : n)
    for (int i = 0; i < 100; i++) {
#pragma omp atomic
      a = 10 - a;
#pragma omp atomic
      d = 8.0 / d;
      n++;
    }
    // An even number of times each: back where they were.
    CHECK(n == 100 && a == 7 && d == 2);
  }
  return 0;
}
