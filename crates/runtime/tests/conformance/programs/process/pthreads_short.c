// Hundreds of short-lived threads, each with one region: nothing is used up.
#include "conf.h"

#include <pthread.h>

static void *work(void *unused) {
  int count = 0;
#pragma omp parallel num_threads(2) reduction(+ : count)
  count++;
  CHECK(count == 2);
  return unused;
}

int main(void) {
  for (int i = 0; i < 300; i++) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, work, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
  }
  return 0;
}
