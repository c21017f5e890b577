// The same reduction gives the same sum each time, within rounding.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  double first = 0;
  REPEAT(50) {
    double sum = 0;
#pragma omp parallel for schedule(static) reduction(+ : sum)
    for (int i = 1; i <= 10000; i++) sum += 1.0 / i;
    if (repeat_ == 0) first = sum;
    CHECK(sum - first < 1e-10 && first - sum < 1e-10);
  }
  CHECK(first > 9.787606036 && first < 9.787606037);
  return 0;
}
