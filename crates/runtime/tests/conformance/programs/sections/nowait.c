// sections nowait: a thread goes on while another is still in a section.
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  REPEAT(10) {
    atomic_int past = 0;
#pragma omp parallel
    {
#pragma omp sections nowait
      {
#pragma omp section
        AWAIT(atomic_load(&past) == omp_get_num_threads() - 1);
      }
      atomic_fetch_add(&past, 1);
    }
  }
  return 0;
}
