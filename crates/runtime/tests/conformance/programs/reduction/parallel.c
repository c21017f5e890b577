// reduction on parallel: the original takes part once; many items at once, more than fit a cache line.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(100) {
    int n = 0, a = 1000;
    double b = 0, c = 1;
    long d = -5, e = 5;
    char f = 0;
#pragma omp parallel reduction(+ : n, a, b, f) reduction(* : c) reduction(min : d) reduction(max : e)
    {
      int me = omp_get_thread_num();
      conf_jitter(repeat_);
      n++;
      a += me;
      b += 0.5;
      c *= me == 0 ? 4 : 1;
      d = -10 - me;
      e = 10 + me;
      f += me == 0;
    }
    CHECK(a == 1000 + n * (n - 1) / 2 && b == n * 0.5 && c == 4 && d == -9 - n && e == 9 + n && f == 1);
  }
  return 0;
}
