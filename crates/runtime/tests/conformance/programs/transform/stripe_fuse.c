// stripe and fuse.
//@ gcc: no, OpenMP 6.0
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int order[12], count = 0, a[40] = {0}, b[40] = {0};
#pragma omp stripe sizes(4)
  for (int i = 0; i < 12; i++) order[count++] = i;
  bool seen[12] = {false};
  for (int i = 0; i < 12; i++) seen[order[i]] = true;
  for (int i = 0; i < 12; i++) CHECK(seen[i]);
  CHECK(count == 12);
#pragma omp fuse
  {
    for (int i = 0; i < 40; i++) a[i] = i;
    for (int j = 0; j < 30; j++) b[j] = 2 * j;
  }
  for (int i = 0; i < 40; i++) CHECK(a[i] == i && b[i] == (i < 30 ? 2 * i : 0));
  return 0;
}
