// Dependences of a number known at run time, by iterators, with steps and nested.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  for (int n = 1; n <= 20; n += 3) {
    int v[20] = {0}, sum = 0, even = 0;
#pragma omp parallel
#pragma omp single
    {
      for (int i = 0; i < n; i++) {
#pragma omp task depend(out : v[i]) shared(v)
        {
          conf_jitter(i);
          v[i] = i + 1;
        }
      }
#pragma omp task depend(iterator(i = 0 : n), in : v[i]) shared(v, sum)
      for (int i = 0; i < n; i++) sum += v[i];
#pragma omp task depend(iterator(int i = 0 : n : 2), in : v[i]) shared(v, even)
      for (int i = 0; i < n; i += 2) even += v[i];
#pragma omp task depend(iterator(i = 0 : n), out : v[i]) shared(v)
      for (int i = 0; i < n; i++) v[i] = -1;
#pragma omp task depend(iterator(i = 0 : 2, j = 0 : n / 2), in : v[i * (n / 2) + j]) shared(v)
      for (int i = 0; i < n / 2 * 2; i++) CHECK(v[i] == -1);
    }
    int expected = 0;
    for (int i = 0; i < n; i += 2) expected += i + 1;
    CHECK(sum == n * (n + 1) / 2 && even == expected);
  }
  return 0;
}
