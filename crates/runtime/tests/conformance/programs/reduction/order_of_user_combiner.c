// A combiner that is not commutative but associative may see any order; each thread's part comes exactly once.
//@ dynamic: yes
#include "conf.h"

struct bag {
  unsigned char hits[64];
};
static void merge(struct bag *to, const struct bag *from) {
  for (int i = 0; i < 64; i++) to->hits[i] += from->hits[i];
}
#pragma omp declare reduction(merge : struct bag : merge(&omp_out, &omp_in)) initializer(omp_priv = (struct bag){{0}})

int main(void) {
  REPEAT(100) {
    struct bag bag = {{0}};
    int n = 0;
#pragma omp parallel reduction(merge : bag)
    {
#pragma omp single nowait
      n = omp_get_num_threads();
      bag.hits[omp_get_thread_num()]++;
    }
    for (int i = 0; i < 64; i++) CHECK(bag.hits[i] == (i < n));
  }
  return 0;
}
