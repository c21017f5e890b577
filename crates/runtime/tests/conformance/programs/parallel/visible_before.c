// What the encountering thread wrote before the region is visible in it, and what the team wrote is visible after.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int before[100], after[100];
  REPEAT(300) {
    for (int i = 0; i < 100; i++) before[i] = repeat_ + i, after[i] = -1;
#pragma omp parallel
    for (int i = omp_get_thread_num(); i < 100; i += omp_get_num_threads()) {
      CHECK(before[i] == repeat_ + i);
      after[i] = before[i] * 2;
    }
    for (int i = 0; i < 100; i++) CHECK(after[i] == 2 * (repeat_ + i));
  }
  return 0;
}
