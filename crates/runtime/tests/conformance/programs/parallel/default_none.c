// default(none) with every variable listed; constants and static members need not be.
#include "conf.h"

static int counter;

int main(void) {
  int a = 1, b = 2, c = 3, n = omp_get_max_threads();
#pragma omp parallel default(none) shared(a, n, counter) private(b) firstprivate(c)
  {
    b = c + 1;
    CHECK(b == 4);
#pragma omp atomic
    a++;
#pragma omp atomic
    counter++;
#pragma omp barrier
    CHECK(a == n + 1);
  }
  CHECK(a == n + 1 && b == 2 && c == 3 && counter == n);
  return 0;
}
