// critical with each hint: the hint changes nothing but speed.
//@ dynamic: yes
#include "conf.h"

static long counts[5];

int main(void) {
  long n = 0;
#pragma omp parallel reduction(+ : n)
  for (int i = 0; i < 500; i++) {
    n++;
#pragma omp critical(h0) hint(omp_sync_hint_none)
    counts[0]++;
#pragma omp critical(h1) hint(omp_sync_hint_uncontended)
    counts[1]++;
#pragma omp critical(h2) hint(omp_sync_hint_contended)
    counts[2]++;
#pragma omp critical(h3) hint(omp_sync_hint_speculative)
    counts[3]++;
#pragma omp critical(h4) hint(omp_sync_hint_nonspeculative | omp_sync_hint_contended)
    counts[4]++;
  }
  for (int i = 0; i < 5; i++) CHECK(counts[i] == n);
  return 0;
}
