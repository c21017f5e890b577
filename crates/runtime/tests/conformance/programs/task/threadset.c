// threadset(omp_pool) and omp_team: the task is executed once; omp_is_free_agent says by whom.
//@ gcc: no, OpenMP 6.0
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int count = 0;
#pragma omp parallel
#pragma omp single
  for (int i = 0; i < 20; i++) {
#pragma omp task threadset(omp_pool) shared(count)
#pragma omp atomic
    count++;
#pragma omp task threadset(omp_team) shared(count)
    {
      CHECK(!omp_is_free_agent());
#pragma omp atomic
      count++;
    }
  }
  CHECK(count == 40);
  return 0;
}
