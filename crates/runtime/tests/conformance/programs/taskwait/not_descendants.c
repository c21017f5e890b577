// taskwait does not wait for grandchildren.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(10) {
    static atomic_int waited, done;
    atomic_store(&waited, 0);
    atomic_store(&done, 0);
#pragma omp parallel
#pragma omp single
    {
#pragma omp task
      {
#pragma omp task
        {
          // On another thread, since this one is taken up by the wait below.
          AWAIT(atomic_load(&waited) || omp_get_thread_num() == 0);
          atomic_store(&done, 1);
        }
      }
#pragma omp taskwait
      atomic_store(&waited, 1);
    }
    CHECK(atomic_load(&done));
  }
  return 0;
}
