// scope: executed by every thread; private, firstprivate; a barrier at the end.
//@ gcc: no, firstprivate on scope is OpenMP 5.2
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(50) {
    int p = 7, f = 8, count = 0, n = 0;
#pragma omp parallel
    {
#pragma omp single
      n = omp_get_num_threads();
#pragma omp scope private(p) firstprivate(f)
      {
        p = omp_get_thread_num();
        CHECK(f == 8);
        f += p;
        conf_jitter(repeat_);
        CHECK(p == omp_get_thread_num() && f == 8 + p);
#pragma omp atomic
        count++;
      }
      CHECK(count == n);
    }
    CHECK(p == 7 && f == 8);
  }
  return 0;
}
