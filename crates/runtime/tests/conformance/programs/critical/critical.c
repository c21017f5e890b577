// critical: one thread at a time, over all sections of one name and over all teams; names are independent.
//@ dynamic: yes
#include "conf.h"

static long unnamed, named;

int main(void) {
  long total = 0;
#pragma omp parallel reduction(+ : total)
  for (int i = 0; i < 3000; i++) {
    if (i % 2) {
#pragma omp critical
      unnamed++;
    } else {
#pragma omp critical
      unnamed++;
    }
#pragma omp critical(that)
    named += 2;
    total++;
  }
  CHECK(unnamed == total && named == 2 * total);
  return 0;
}
