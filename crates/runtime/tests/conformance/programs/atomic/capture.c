// atomic capture, each form: the values captured are all different, and none is left out.
//@ dynamic: yes
#include "conf.h"

enum { N = 1000 };
static int hits[5][N];

int main(void) {
  int a = 0, b = 0, c = 0, d = N, e = 0;
#pragma omp parallel for
  for (int i = 0; i < N; i++) {
    int v;
#pragma omp atomic capture
    v = a++;
#pragma omp atomic
    hits[0][v]++;
#pragma omp atomic capture
    v = ++b;
#pragma omp atomic
    hits[1][v - 1]++;
#pragma omp atomic capture
    {
      v = c;
      c += 1;
    }
#pragma omp atomic
    hits[2][v]++;
#pragma omp atomic capture
    {
      d = d - 1;
      v = d;
    }
#pragma omp atomic
    hits[3][v]++;
#pragma omp atomic capture
    v = e = e + 1;
#pragma omp atomic
    hits[4][v - 1]++;
  }
  for (int k = 0; k < 5; k++)
    for (int i = 0; i < N; i++) CHECK(hits[k][i] == 1);
  return 0;
}
