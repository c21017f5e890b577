// tile sizes(...): every iteration once, alone and under worksharing.
//@ gcc: no, loop transformations come with gcc 15
//@ dynamic: yes
#include "conf.h"

int main(void) {
  static int a[37][41], b[37][41];
  int order[20], count = 0;
#pragma omp tile sizes(5, 7)
  for (int i = 0; i < 37; i++)
    for (int j = 0; j < 41; j++) a[i][j]++;
#pragma omp parallel for
#pragma omp tile sizes(4, 4)
  for (int i = 0; i < 37; i++)
    for (int j = 0; j < 41; j++) b[i][j]++;
#pragma omp parallel for collapse(2) schedule(dynamic)
#pragma omp tile sizes(8, 3)
  for (int i = 36; i >= 0; i--)
    for (int j = 0; j < 41; j += 2) b[i][j]++;
  for (int i = 0; i < 37; i++)
    for (int j = 0; j < 41; j++) CHECK(a[i][j] == 1 && b[i][j] == 1 + (j % 2 == 0));
#pragma omp tile sizes(2, 5)
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 10; j++) order[count++] = i * 10 + j;
  int expected[] = {0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 5, 6, 7, 8, 9, 15, 16, 17, 18, 19};
  CHECK(memcmp(order, expected, sizeof order) == 0);
  return 0;
}
