// taskloops within taskloops.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(10) {
    static int hits[20][20];
    memset(hits, 0, sizeof hits);
#pragma omp parallel
#pragma omp single
#pragma omp taskloop grainsize(2)
    for (int i = 0; i < 20; i++) {
#pragma omp taskloop grainsize(3)
      for (int j = 0; j < 20; j++) hits[i][j] += i + j;
      for (int j = 0; j < 20; j++) CHECK(hits[i][j] == i + j);
    }
  }
  return 0;
}
