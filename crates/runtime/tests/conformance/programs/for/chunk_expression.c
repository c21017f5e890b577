// The chunk size may be any expression, also of a wider type; it is evaluated once, before the loop.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int calls = 0, hits[100] = {0};
  long chunk = 1;
#pragma omp parallel
  {
#pragma omp for schedule(dynamic, chunk + 2) nowait
    for (int i = 0; i < 100; i++) hits[i]++;
#pragma omp for schedule(static, (short)chunk) nowait
    for (int i = 0; i < 100; i++)
#pragma omp atomic
      hits[i]++;
#pragma omp for schedule(guided, 1000000) nowait
    for (int i = 0; i < 100; i++)
#pragma omp atomic
      hits[i]++;
#pragma omp atomic
    calls++;
  }
  for (int i = 0; i < 100; i++) CHECK(hits[i] == 3);
  return 0;
}
