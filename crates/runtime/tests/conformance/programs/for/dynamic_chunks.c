// schedule(dynamic, c): a chunk of c consecutive iterations has one owner.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  for (int chunk = 1; chunk <= 30; chunk += 4) {
    int owner[500];
#pragma omp parallel for schedule(dynamic, chunk)
    for (int i = 0; i < 500; i++) owner[i] = omp_get_thread_num();
    for (int i = 0; i < 500; i++) CHECK(owner[i] == owner[i / chunk * chunk]);
  }
  return 0;
}
