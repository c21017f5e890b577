// A critical section within one of another name.
//@ dynamic: yes
#include "conf.h"

static int a, b;

int main(void) {
  int n = 0;
#pragma omp parallel reduction(+ : n)
  for (int i = 0; i < 500; i++) {
#pragma omp critical(outer_section)
    {
      a++;
#pragma omp critical(inner_section)
      b++;
    }
#pragma omp critical(inner_section)
    b++;
    n++;
  }
  CHECK(a == n && b == 2 * n);
  return 0;
}
