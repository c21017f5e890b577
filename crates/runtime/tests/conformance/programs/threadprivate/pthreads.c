// Threads of the program's own have their own copies, too.
//@ threads: 2 4
#include "conf.h"

#include <pthread.h>

static int value = 1;
#pragma omp threadprivate(value)

static void *other(void *unused) {
  CHECK(value == 1);
  value = 500;
#pragma omp parallel num_threads(2) copyin(value)
  {
    CHECK(value == 500);
    value += omp_get_thread_num();
  }
#pragma omp parallel num_threads(2)
  CHECK(value == 500 + omp_get_thread_num());
  return unused;
}

int main(void) {
  value = 30;
  pthread_t threads[3];
  for (int i = 0; i < 3; i++) CHECK(pthread_create(&threads[i], NULL, other, NULL) == 0);
  for (int i = 0; i < 3; i++) CHECK(pthread_join(threads[i], NULL) == 0);
  CHECK(value == 30);
  return 0;
}
