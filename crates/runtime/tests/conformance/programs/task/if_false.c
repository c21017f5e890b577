// task if(false): executed at once by the generating thread, its children may be deferred.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(20) {
    int children = 0;
#pragma omp parallel
    {
      int order = 0, me = omp_get_thread_num();
#pragma omp task if (0) shared(order)
      {
        order = 1;
        CHECK(omp_get_thread_num() == me);
#pragma omp task shared(children)
#pragma omp atomic
        children++;
      }
      CHECK(order == 1);
#pragma omp task if (task : repeat_ < 0) shared(order)
      order = 2;
      CHECK(order == 2);
#pragma omp barrier
      CHECK(children == omp_get_num_threads());
    }
  }
  return 0;
}
