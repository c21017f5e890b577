// masked filter(n): that thread only, without a barrier; nobody where there is no such thread.
//@ gcc: no, filter needs values gcc 12 refuses
#include "conf.h"

int main(void) {
  int n = omp_get_max_threads();
  for (int chosen = 0; chosen < 6; chosen++) {
    int count = 0;
    atomic_int past = 0;
#pragma omp parallel
    {
#pragma omp masked filter(chosen)
      {
        CHECK(omp_get_thread_num() == chosen);
        AWAIT(atomic_load(&past) == omp_get_num_threads() - 1);
        count++;
      }
      atomic_fetch_add(&past, 1);
    }
    CHECK(count == (chosen < n));
  }
  int each = 0;
#pragma omp parallel
#pragma omp masked filter(omp_get_thread_num())
#pragma omp atomic
  each++;
  CHECK(each == n);
  return 0;
}
