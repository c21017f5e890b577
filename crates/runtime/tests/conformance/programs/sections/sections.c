// sections: each section once, on any thread; the barrier at the end; more sections than threads and fewer.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(50) {
    int hits[7] = {0};
#pragma omp parallel
    {
#pragma omp sections
      {
        hits[0]++;
#pragma omp section
        hits[1]++;
#pragma omp section
        hits[2]++;
#pragma omp section
        hits[3]++;
#pragma omp section
        hits[4]++;
#pragma omp section
        hits[5]++;
      }
      for (int i = 0; i < 6; i++) CHECK(hits[i] == 1);
#pragma omp barrier
#pragma omp sections
      {
#pragma omp section
        hits[6]++;
      }
      CHECK(hits[6] == 1);
    }
  }
  return 0;
}
