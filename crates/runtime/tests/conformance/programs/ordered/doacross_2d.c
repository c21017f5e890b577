// ordered(2): a wavefront over two dimensions.
//@ gcc: no, OpenMP 5.2 spelling
//@ dynamic: yes
#include "conf.h"

int main(void) {
  enum { N = 40 };
  static long a[N][N], b[N][N];
  REPEAT(5) {
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) a[i][j] = b[i][j] = i == 0 || j == 0;
    for (int i = 1; i < N; i++)
      for (int j = 1; j < N; j++) b[i][j] = (b[i - 1][j] + b[i][j - 1]) % 1000003;
#pragma omp parallel for ordered(2) schedule(dynamic)
    for (int i = 1; i < N; i++)
      for (int j = 1; j < N; j++) {
#pragma omp ordered doacross(sink : i - 1, j) doacross(sink : i, j - 1)
        a[i][j] = (a[i - 1][j] + a[i][j - 1]) % 1000003;
#pragma omp ordered doacross(source :)
      }
    CHECK(memcmp(a, b, sizeof a) == 0);
  }
  return 0;
}
