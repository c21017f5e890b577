// single: one thread, once for each time the team comes by; the barrier at the end publishes what it wrote.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int count = 0, data[50];
  REPEAT(200) {
#pragma omp parallel
    {
#pragma omp single
      {
        count++;
        for (int i = 0; i < 50; i++) data[i] = repeat_ + i;
      }
      for (int i = 0; i < 50; i++) CHECK(data[i] == repeat_ + i);
#pragma omp barrier
#pragma omp single
      count++;
      CHECK(count == 2 * repeat_ + 2);
    }
  }
  CHECK(count == 400);
  return 0;
}
