// task final(true): it and its descendants are final; descendants are included: executed at once by the same thread.
//@ dynamic: yes
#include "conf.h"

static void descend(int depth, int thread, int *count) {
  CHECK(omp_in_final() && omp_get_thread_num() == thread);
  *count += 1;
  if (depth == 0) return;
  int before = *count;
#pragma omp task shared(count)
  descend(depth - 1, thread, count);
  CHECK(*count > before);
#pragma omp task shared(count) final(0)
  descend(depth - 1, thread, count);
}

int main(void) {
  REPEAT(10) {
    int total = 0;
#pragma omp parallel reduction(+ : total)
    {
      CHECK(!omp_in_final());
      int count = 0;
#pragma omp task final(1) shared(count)
      descend(4, omp_get_thread_num(), &count);
#pragma omp task final(0)
      CHECK(!omp_in_final());
#pragma omp taskwait
      CHECK(count == 31);
      total++;
    }
    CHECK(total >= 1);
  }
  return 0;
}
