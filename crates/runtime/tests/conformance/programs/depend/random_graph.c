// Random tasks on random objects have the result of the serial program.
//@ dynamic: yes
#include "conf.h"

enum { OBJECTS = 12, TASKS = 400 };

static long parallel[OBJECTS], serial[OBJECTS];

int main(void) {
  unsigned random = 7;
  REPEAT(10) {
    int from[TASKS], other[TASKS], to[TASKS];
    for (int i = 0; i < TASKS; i++) {
      random = random * 1103515245u + 12345;
      from[i] = (random >> 8) % OBJECTS;
      other[i] = (random >> 13) % OBJECTS;
      to[i] = (random >> 19) % OBJECTS;
    }
    for (int i = 0; i < OBJECTS; i++) parallel[i] = serial[i] = i;
    for (int i = 0; i < TASKS; i++) serial[to[i]] = (serial[from[i]] * 3 + serial[other[i]] + i) % 1000003;
#pragma omp parallel
#pragma omp single
    for (int i = 0; i < TASKS; i++) {
      int f = from[i], o = other[i], t = to[i];
#pragma omp task depend(in : parallel[f]) depend(in : parallel[o]) depend(out : parallel[t])
      {
        conf_jitter(i);
        parallel[t] = (parallel[f] * 3 + parallel[o] + i) % 1000003;
      }
    }
    CHECK(memcmp(parallel, serial, sizeof serial) == 0);
  }
  return 0;
}
