// A wavefront over a grid of blocks by dependences; and a blocked matrix, with thousands of edges.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  enum { N = 24 };
  static long a[N + 1][N + 1], b[N + 1][N + 1];
  REPEAT(5) {
    for (int i = 0; i <= N; i++) a[i][0] = a[0][i] = b[i][0] = b[0][i] = 1;
    for (int i = 1; i <= N; i++)
      for (int j = 1; j <= N; j++) b[i][j] = (b[i - 1][j] + b[i][j - 1]) % 1000003;
#pragma omp parallel
#pragma omp single
    for (int i = 1; i <= N; i++)
      for (int j = 1; j <= N; j++) {
#pragma omp task depend(in : a[i - 1][j], a[i][j - 1]) depend(out : a[i][j])
        a[i][j] = (a[i - 1][j] + a[i][j - 1]) % 1000003;
      }
    CHECK(memcmp(a, b, sizeof a) == 0);
  }
  return 0;
}
