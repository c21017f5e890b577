// atomic read and write: no torn values, of any size.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  long long wide = 0;
  double real = 0;
#pragma omp parallel for schedule(static, 1)
  for (int i = 0; i < 4000; i++) {
    if (i % 2) {
      long long pattern = (i % 4 == 1) ? 0x1111111111111111LL : -1LL;
#pragma omp atomic write
      wide = pattern;
#pragma omp atomic write
      real = i % 4 == 1 ? 1e300 : -1e-300;
    } else {
      long long w;
      double r;
#pragma omp atomic read
      w = wide;
#pragma omp atomic read
      r = real;
      CHECK(w == 0 || w == 0x1111111111111111LL || w == -1);
      CHECK(r == 0 || r == 1e300 || r == -1e-300);
    }
  }
  return 0;
}
