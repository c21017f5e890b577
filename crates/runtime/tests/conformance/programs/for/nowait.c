// nowait: a thread goes on to the next loop while another is still in the first.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(10) {
    atomic_int second = 0;
#pragma omp parallel
    {
#pragma omp for schedule(static, 1) nowait
      for (int i = 0; i < omp_get_num_threads(); i++)
        if (i == 0) AWAIT(atomic_load(&second) == 1);
#pragma omp for schedule(static, 1) nowait
      for (int i = 0; i < omp_get_num_threads(); i++)
        if (i == 1) atomic_store(&second, 1);
    }
  }
  return 0;
}
