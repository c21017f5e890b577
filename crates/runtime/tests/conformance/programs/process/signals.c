// Signals go to the program's threads, not to the workers; a handler may interrupt a region's barrier.
#include "conf.h"

#include <pthread.h>
#include <signal.h>

static pthread_t main_thread;
static atomic_int elsewhere, here;

static void handler(int number) {
  (void)number;
  atomic_fetch_add(pthread_equal(pthread_self(), main_thread) ? &here : &elsewhere, 1);
}

int main(void) {
  main_thread = pthread_self();
  signal(SIGINT, handler);
  REPEAT(20) {
#pragma omp parallel
    {
#pragma omp barrier
      if (omp_get_thread_num() == 0) kill(getpid(), SIGINT);
#pragma omp barrier
    }
  }
  AWAIT(atomic_load(&here) + atomic_load(&elsewhere) >= 1);
  return 0;
}
