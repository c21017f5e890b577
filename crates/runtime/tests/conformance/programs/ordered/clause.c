// ordered: the regions are executed in the order of the iterations, one at a time, with each schedule.
//@ dynamic: yes
#include "conf.h"

static int next;

#define CASE(clauses)                                     \
  next = 0;                                               \
  _Pragma("omp parallel") {                               \
    _Pragma(clauses) for (int i = 0; i < 200; i++) {      \
      conf_jitter(i);                                     \
      _Pragma("omp ordered") {                            \
        CHECK(next == i);                                 \
        next++;                                           \
      }                                                   \
    }                                                     \
  }                                                       \
  CHECK(next == 200);

int main(void) {
  REPEAT(5) {
    CASE("omp for ordered")
    CASE("omp for ordered schedule(static, 1)")
    CASE("omp for ordered schedule(static, 7)")
    CASE("omp for ordered schedule(dynamic)")
    CASE("omp for ordered schedule(dynamic, 3)")
    CASE("omp for ordered schedule(guided)")
    CASE("omp for ordered schedule(runtime)")
    CASE("omp for ordered schedule(monotonic : dynamic, 2) nowait")
  }
  return 0;
}
