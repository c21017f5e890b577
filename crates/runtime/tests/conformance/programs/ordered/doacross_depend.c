// The older spelling: depend(sink:) and depend(source).
//@ version: 45
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(10) {
    long a[200] = {1};
#pragma omp parallel for ordered(1) schedule(dynamic, 2)
    for (int i = 1; i < 200; i++) {
#pragma omp ordered depend(sink : i - 1)
      a[i] = a[i - 1] + i;
#pragma omp ordered depend(source)
    }
    CHECK(a[199] == 1 + 199 * 200 / 2);
  }
  return 0;
}
