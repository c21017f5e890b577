// A taskwait, a dependence and a barrier wait for the event of a task whose body is long done.
//@ threads: 2 4 17
//@ gcc: no, gcc names the event differently
#include "conf.h"

#include <pthread.h>

static omp_event_handle_t event;
static atomic_int body_done, fulfilled;

static void *fulfill(void *unused) {
  AWAIT(atomic_load(&body_done));
  usleep(3000);
  atomic_store(&fulfilled, 1);
  omp_fulfill_event(event);
  return unused;
}

int main(void) {
  REPEAT(10) {
    for (int how = 0; how < 4; how++) {
      atomic_store(&body_done, 0);
      atomic_store(&fulfilled, 0);
      pthread_t thread;
      int x = 0;
#pragma omp parallel
      {
#pragma omp single
        {
#pragma omp task detach(event) depend(out : x) shared(x)
          {
            x = 1;
            atomic_store(&body_done, 1);
          }
          CHECK(pthread_create(&thread, NULL, fulfill, NULL) == 0);
          if (how == 0) {
#pragma omp taskwait
            CHECK(atomic_load(&fulfilled));
          } else if (how == 1) {
#pragma omp task depend(in : x) shared(x)
            CHECK(atomic_load(&fulfilled) && x == 1);
          } else if (how == 2) {
#pragma omp taskwait depend(in : x)
            CHECK(atomic_load(&fulfilled));
          }
        }
        CHECK(atomic_load(&fulfilled));
      }
      CHECK(pthread_join(thread, NULL) == 0);
    }
  }
  return 0;
}
