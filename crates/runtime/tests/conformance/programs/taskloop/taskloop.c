// taskloop: every iteration once, each type and direction; it waits for its tasks.
//@ gcc: no, a task's end is computed beyond the loop's, in the type of the loop's variable
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(20) {
    static int hits[300];
    memset(hits, 0, sizeof hits);
#pragma omp parallel
#pragma omp single
    {
#pragma omp taskloop
      for (int i = 0; i < 300; i++) hits[i]++;
      for (int i = 0; i < 300; i++) CHECK(hits[i] == 1);
#pragma omp taskloop
      for (unsigned long i = 298; i > 0; i -= 2) hits[i]++;
#pragma omp taskloop
      for (int i = 10; i < 10; i++) hits[i] = 100;
#pragma omp taskloop
      for (long i = 5000000000; i < 5000000300; i++) hits[i - 5000000000]++;
    }
    for (int i = 0; i < 300; i++) CHECK(hits[i] == 2 + (i > 0 && i % 2 == 0));
  }
  return 0;
}
