// A thread that made a team ends; its workers serve others.
#include "conf.h"

#include <pthread.h>

static void *work(void *argument) {
  int count = 0;
#pragma omp parallel reduction(+ : count)
  count++;
  CHECK(count == omp_get_max_threads());
  return argument;
}

int main(void) {
  REPEAT(20) {
    pthread_t a, b;
    CHECK(pthread_create(&a, NULL, work, NULL) == 0);
    CHECK(pthread_create(&b, NULL, work, NULL) == 0);
    CHECK(pthread_join(a, NULL) == 0);
    work(NULL);
    CHECK(pthread_join(b, NULL) == 0);
  }
  return 0;
}
