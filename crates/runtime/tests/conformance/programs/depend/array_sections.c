// Dependences on elements and sections with the same start.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  enum { N = 8 };
  REPEAT(20) {
    int a[N] = {0};
#pragma omp parallel
#pragma omp single
    {
      for (int i = 0; i < N; i++) {
#pragma omp task depend(out : a[i : 1]) shared(a)
        {
          conf_jitter(i + repeat_);
          a[i] = i;
        }
      }
      for (int i = 1; i < N; i++) {
#pragma omp task depend(in : a[i - 1]) depend(inout : a[i]) shared(a)
        a[i] += a[i - 1];
      }
    }
    for (int i = 0; i < N; i++) CHECK(a[i] == i * (i + 1) / 2);
  }
  return 0;
}
