// Many threads of the program's own, at the same time and one after the other, each with regions of its own.
#include "conf.h"

#include <pthread.h>

static void *work(void *argument) {
  int n = 1 + (int)(intptr_t)argument % 4;
  for (int i = 0; i < 20; i++) {
    int count = 0;
    long sum = 0;
#pragma omp parallel num_threads(n) reduction(+ : count)
    {
      CHECK(omp_get_num_threads() == n && omp_get_level() == 1);
#pragma omp for reduction(+ : sum) schedule(dynamic, 3)
      for (int k = 0; k < 100; k++) sum += k;
#pragma omp single
      {
#pragma omp task
        conf_jitter(i);
      }
      count++;
    }
    CHECK(count == n && sum == 4950);
  }
  return argument;
}

int main(void) {
  enum { N = 12 };
  REPEAT(4) {
    pthread_t threads[N];
    for (intptr_t i = 0; i < N; i++) CHECK(pthread_create(&threads[i], NULL, work, (void *)i) == 0);
    work(NULL);
    for (int i = 0; i < N; i++) CHECK(pthread_join(threads[i], NULL) == 0);
  }
  return 0;
}
