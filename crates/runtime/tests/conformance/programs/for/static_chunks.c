// schedule(static, c): chunk k goes to thread k mod n, in order.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  for (int chunk = 1; chunk <= 11; chunk += 2) {
    int owner[200];
#pragma omp parallel
    {
      int n = omp_get_num_threads(), last = -1;
#pragma omp for schedule(static, chunk)
      for (int i = 0; i < 200; i++) {
        owner[i] = omp_get_thread_num();
        CHECK(owner[i] == i / chunk % n);
        CHECK(i > last);
        last = i;
      }
    }
  }
  return 0;
}
