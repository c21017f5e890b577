// mutexinoutset: after the writer, in any order, one at a time, on several objects; the reader comes after all.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(30) {
    int a = 0, b = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(out : a) shared(a)
      a = 1;
#pragma omp task depend(out : b) shared(b)
      b = 1;
      for (int i = 0; i < 20; i++) {
#pragma omp task depend(mutexinoutset : a) shared(a)
        {
          int before = a;
          CHECK(before >= 1);
          conf_jitter(i);
          a = before + 1;
        }
#pragma omp task depend(mutexinoutset : a, b) shared(a, b)
        {
          int before = a, other = b;
          conf_jitter(i + 1);
          a = before + 1;
          b = other + 1;
        }
      }
#pragma omp task depend(in : a, b) shared(a, b)
      CHECK(a == 41 && b == 21);
    }
  }
  return 0;
}
