// inoutset: the members of the set overlap; the set comes after readers and writers before it and before those after it.
//@ gcc: no, OpenMP 5.1
//@ threads: 2 4 17
#include "conf.h"

int main(void) {
  int n = conf_tasks_at_once(omp_get_max_threads());
  REPEAT(10) {
    int x = 0, read = 0;
    meeting all = {0};
#pragma omp parallel
#pragma omp single
    {
#pragma omp task depend(out : x) shared(x)
      x = 5;
#pragma omp task depend(in : x) shared(x, read)
      {
        conf_jitter(repeat_);
        read = x;
      }
      for (int i = 0; i < n; i++) {
#pragma omp task depend(inoutset : x) shared(x, read)
        {
          CHECK(read == 5);
          MEET(&all, n);
#pragma omp atomic
          x++;
        }
      }
#pragma omp task depend(in : x) shared(x)
      CHECK(x == 5 + n);
    }
  }
  return 0;
}
