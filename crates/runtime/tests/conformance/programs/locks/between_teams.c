// Locks exclude threads of different teams and of the program's own making.
//@ threads: 2 4
#include "conf.h"

#include <pthread.h>

static omp_lock_t lock;
static long count;

static void *other(void *unused) {
#pragma omp parallel
  for (int i = 0; i < 500; i++) {
    omp_set_lock(&lock);
    count++;
    omp_unset_lock(&lock);
  }
  return unused;
}

int main(void) {
  omp_init_lock(&lock);
  pthread_t threads[3];
  for (int i = 0; i < 3; i++) CHECK(pthread_create(&threads[i], NULL, other, NULL) == 0);
  other(NULL);
  for (int i = 0; i < 3; i++) CHECK(pthread_join(threads[i], NULL) == 0);
  CHECK(count == 4L * 500 * omp_get_max_threads());
  omp_destroy_lock(&lock);
  return 0;
}
