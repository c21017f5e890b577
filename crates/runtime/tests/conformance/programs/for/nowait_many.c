// More loops under way at once than any runtime has buffers for.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  static int hits[60][40];
  REPEAT(20) {
    memset(hits, 0, sizeof hits);
#pragma omp parallel
    {
      for (int loop = 0; loop < 60; loop++) {
        conf_jitter(loop + repeat_);
#pragma omp for schedule(dynamic, 3) nowait
        for (int i = 0; i < 40; i++)
#pragma omp atomic
          hits[loop][i]++;
      }
    }
    for (int loop = 0; loop < 60; loop++)
      for (int i = 0; i < 40; i++) CHECK(hits[loop][i] == 1);
  }
  return 0;
}
