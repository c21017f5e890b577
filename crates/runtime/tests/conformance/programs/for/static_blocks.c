// schedule(static): one block of consecutive iterations for each thread, in the order of their numbers, of nearly equal sizes.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  for (int count = 1; count < 200; count += 7) {
    int owner[200], n = 1;
#pragma omp parallel
    {
#pragma omp single
      n = omp_get_num_threads();
#pragma omp for schedule(static)
      for (int i = 0; i < count; i++) owner[i] = omp_get_thread_num();
    }
    int length = 1;
    for (int i = 1; i < count; i++) {
      CHECK(owner[i] >= owner[i - 1]);
      length = owner[i] == owner[i - 1] ? length + 1 : 1;
      CHECK(length <= (count + n - 1) / n);
    }
  }
  return 0;
}
