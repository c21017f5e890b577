// Nobody passes the barrier before the last has come.
#include "conf.h"

int main(void) {
  REPEAT(50) {
    atomic_int come = 0;
#pragma omp parallel
    {
      if (omp_get_thread_num() == repeat_ % omp_get_num_threads()) usleep(200);
      atomic_fetch_add(&come, 1);
#pragma omp barrier
      CHECK(atomic_load(&come) == omp_get_num_threads());
    }
  }
  return 0;
}
