// A tied task stays on its thread over every scheduling point; threadprivate variables stay the same.
//@ dynamic: yes
#include "conf.h"

static int mark;
#pragma omp threadprivate(mark)

int main(void) {
#pragma omp parallel
  {
    mark = omp_get_thread_num();
#pragma omp barrier
#pragma omp for
    for (int i = 0; i < 300; i++) {
#pragma omp task
      {
        int me = omp_get_thread_num(), *address = &mark;
        CHECK(mark == me);
#pragma omp task
        conf_jitter(i);
#pragma omp taskyield
        CHECK(omp_get_thread_num() == me && mark == me);
#pragma omp taskwait
        CHECK(omp_get_thread_num() == me && &mark == address && mark == me);
#pragma omp taskgroup
        {
#pragma omp task
          conf_jitter(i + 1);
        }
        CHECK(omp_get_thread_num() == me && mark == me);
      }
    }
  }
  return 0;
}
