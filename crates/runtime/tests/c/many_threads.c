// Two hundred short-lived threads, as a web server has them, up to forty at a time, each with regions of its own.
#include "check.h"
#include <pthread.h>

#define AT_ONCE 40
#define REGIONS 5

static int size_of(long number, int region) { return (int)(number + region) % 4 + 1; }

static void *serve(void *number) {
  long sum = 0, expected = 0;
  for (int r = 0; r < REGIONS; r++) {
    int size = size_of((long)number, r);
    expected += size * (size + 1) / 2 + 45;
#pragma omp parallel num_threads(size) reduction(+ : sum)
    {
      sum += omp_get_thread_num() + 1;
#pragma omp barrier
#pragma omp for schedule(dynamic)
      for (int i = 0; i < 10; i++) sum += i;
    }
  }
  CHECK(sum == expected);
  return NULL;
}

int main(void) {
  for (int wave = 0; wave < 5; wave++) {
    pthread_t threads[AT_ONCE];
    for (long i = 0; i < AT_ONCE; i++) CHECK(pthread_create(&threads[i], NULL, serve, (void *)i) == 0);
    for (int i = 0; i < AT_ONCE; i++) CHECK(pthread_join(threads[i], NULL) == 0);
  }
  return 0;
}
