// cancel for: the remaining iterations are left out, each schedule; only this loop is cancelled.
//@ env: OMP_CANCELLATION=true
//@ dynamic: yes
#include "conf.h"

#define LOOP(clauses)                                              \
  {                                                                \
    int done = 0, after = 0, n = 0;                                \
    _Pragma("omp parallel") {                                      \
      _Pragma(clauses) for (int i = 0; i < 100000; i++) {          \
        _Pragma("omp cancellation point for")                      \
        _Pragma("omp atomic") done++;                              \
        if (i % 49 == 20) {                                        \
          _Pragma("omp cancel for")                                \
        }                                                          \
      }                                                            \
      _Pragma("omp atomic") after++;                               \
      _Pragma("omp single") n = omp_get_num_threads();             \
    }                                                              \
    CHECK(done >= 1 && done < 50000 && after == n);                \
  }

int main(void) {
  REPEAT(10) {
    LOOP("omp for schedule(static)")
    LOOP("omp for schedule(static, 5)")
    LOOP("omp for schedule(dynamic, 5)")
    LOOP("omp for schedule(guided)")
  }
  int hits[100] = {0};
#pragma omp parallel for
  for (int i = 0; i < 100; i++) hits[i]++;
  for (int i = 0; i < 100; i++) CHECK(hits[i] == 1);
  return 0;
}
