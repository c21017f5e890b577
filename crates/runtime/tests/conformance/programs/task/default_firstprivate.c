// task default(firstprivate) and default(none).
//@ gcc: no, OpenMP 5.1
//@ dynamic: yes
#include "conf.h"

int main(void) {
  // clang 22 copies automatic variables here that are listed as shared.
  static int total;
  int a = 3;
#pragma omp parallel
#pragma omp single
  for (int i = 0; i < 10; i++) {
#pragma omp task default(firstprivate) shared(total)
    {
      a += i;
#pragma omp atomic
      total += a;
    }
#pragma omp task default(none) shared(total) firstprivate(i)
#pragma omp atomic
    total += i;
  }
  CHECK(a == 3 && total == 30 + 45 + 45);
  return 0;
}
