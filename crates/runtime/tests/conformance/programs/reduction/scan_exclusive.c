// scan exclusive: each iteration sees the sum of those before it.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(10) {
    static long a[1000], before[1000];
    for (int i = 0; i < 1000; i++) a[i] = i % 13;
    // clang 22 leaves the value from before the loop out.
    long sum = 0;
#pragma omp parallel for reduction(inscan, + : sum)
    for (int i = 0; i < 1000; i++) {
      before[i] = sum;
#pragma omp scan exclusive(sum)
      sum += a[i];
    }
    long s = 0;
    for (int i = 0; i < 1000; i++) {
      CHECK(before[i] == s);
      s += a[i];
    }
    CHECK(sum == s);
  }
  return 0;
}
