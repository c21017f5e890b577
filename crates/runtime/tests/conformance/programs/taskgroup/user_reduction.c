// task_reduction with a declared reduction: its own initializer and combiner.
//@ dynamic: yes
#include "conf.h"

struct stats {
  long count, sum, least;
};
#pragma omp declare reduction(merge : struct stats : omp_out.count += omp_in.count, omp_out.sum += omp_in.sum, \
                                  omp_out.least = omp_in.least < omp_out.least ? omp_in.least : omp_out.least) \
    initializer(omp_priv = (struct stats){0, 0, 1000})

int main(void) {
  REPEAT(20) {
    struct stats s = {0, 0, 500};
#pragma omp parallel
#pragma omp single
#pragma omp taskgroup task_reduction(merge : s)
    for (int i = 1; i <= 50; i++) {
#pragma omp task in_reduction(merge : s)
      {
        s.count++;
        s.sum += i;
        s.least = i < s.least ? i : s.least;
      }
    }
    CHECK(s.count == 50 && s.sum == 1275 && s.least == 1);
  }
  return 0;
}
