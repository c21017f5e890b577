// detach: a task is complete when its body is done and its event fulfilled, in either order, by any thread.
//@ dynamic: yes
//@ gcc: no, gcc names the event differently
#include "conf.h"

int main(void) {
  REPEAT(50) {
    int ran = 0, after = 0;
#pragma omp parallel
#pragma omp single
    {
      omp_event_handle_t event;
#pragma omp task detach(event) depend(out : ran)
      ran = 1;
#pragma omp task depend(in : ran)
      after = ran;
      // Fulfilled before or after the body.
      conf_jitter(repeat_);
      omp_fulfill_event(event);
#pragma omp taskwait
      CHECK(ran == 1 && after == 1);
      omp_event_handle_t early;
#pragma omp task detach(early) if (0)
      omp_fulfill_event(early);
#pragma omp taskwait
    }
  }
  return 0;
}
