// inscan and scan inclusive: prefix sums and prefix maxima.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(10) {
    static int a[1000], sums[1000], most[1000];
    for (int i = 0; i < 1000; i++) a[i] = (i * 7919) % 1009;
    // clang 22 leaves the value from before the loop out.
    int sum = 0, m = -1;
#pragma omp parallel for reduction(inscan, + : sum)
    for (int i = 0; i < 1000; i++) {
      sum += a[i];
#pragma omp scan inclusive(sum)
      sums[i] = sum;
    }
#pragma omp parallel for reduction(inscan, max : m)
    for (int i = 0; i < 1000; i++) {
      m = a[i] > m ? a[i] : m;
#pragma omp scan inclusive(m)
      most[i] = m;
    }
    int s = 0, x = -1;
    for (int i = 0; i < 1000; i++) {
      s += a[i];
      x = a[i] > x ? a[i] : x;
      CHECK(sums[i] == s && most[i] == x);
    }
    CHECK(sum == s && m == x);
  }
  return 0;
}
