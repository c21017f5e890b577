// The encountering thread is thread 0, and the others are other threads.
#include "conf.h"

#include <pthread.h>

int main(void) {
  pthread_t outside = pthread_self();
  int same = 0;
#pragma omp parallel reduction(+ : same)
  {
    bool mine = pthread_equal(outside, pthread_self());
    CHECK(mine == (omp_get_thread_num() == 0));
    same += mine;
  }
  CHECK(same == 1);
  return 0;
}
