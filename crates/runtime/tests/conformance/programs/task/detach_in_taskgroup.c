// taskgroup waits for events, too.
//@ dynamic: yes
//@ gcc: no, gcc names the event differently
#include "conf.h"

int main(void) {
  REPEAT(20) {
    int count = 0;
#pragma omp parallel
#pragma omp single
    {
#pragma omp taskgroup
      for (int i = 0; i < 10; i++) {
        omp_event_handle_t event;
#pragma omp task detach(event)
        {
        }
#pragma omp task firstprivate(event) shared(count)
        {
          conf_jitter(i);
#pragma omp atomic
          count++;
          omp_fulfill_event(event);
        }
      }
      CHECK(count == 10);
    }
  }
  return 0;
}
