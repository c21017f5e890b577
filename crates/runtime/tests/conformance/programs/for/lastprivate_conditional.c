// lastprivate(conditional:): the value of the sequentially last iteration that assigned one.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  for (int last = 0; last < 100; last += 9) {
    int x = -1, y = -1;
#pragma omp parallel for lastprivate(conditional : x, y) schedule(dynamic, 2)
    for (int i = 0; i < 100; i++) {
      if (i <= last) x = i;
      if (i % 10 == 3) y = i;
    }
    CHECK(x == last);
    CHECK(y == 93);
  }
  return 0;
}
