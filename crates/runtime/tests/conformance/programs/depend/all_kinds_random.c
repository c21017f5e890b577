// Random dependences of every kind: what must not overlap does not.
//@ gcc: no, OpenMP 5.1
//@ dynamic: yes
#include "conf.h"

enum { OBJECTS = 5, TASKS = 300, IN, OUT, MUTEX, SET };

// Who is at work on each object.
static atomic_int readers[OBJECTS], writers[OBJECTS], holders[OBJECTS], members[OBJECTS];

static void work(int object, int kind) {
  atomic_int *mine = kind == IN ? readers : kind == OUT ? writers : kind == MUTEX ? holders : members;
  int before = atomic_fetch_add(&mine[object], 1);
  CHECK(before == 0 || kind == IN || kind == SET);
  conf_jitter(object * 31 + kind + before);
  CHECK(kind == IN || atomic_load(&readers[object]) == 0);
  CHECK(kind == OUT || atomic_load(&writers[object]) == 0);
  CHECK(kind == MUTEX || atomic_load(&holders[object]) == 0);
  CHECK(kind == SET || atomic_load(&members[object]) == 0);
  atomic_fetch_sub(&mine[object], 1);
}

int main(void) {
  static int object[OBJECTS];
  unsigned random = 3;
  int done = 0;
  REPEAT(10) {
#pragma omp parallel
#pragma omp single
    for (int i = 0; i < TASKS; i++) {
      random = random * 1103515245u + 12345;
      int x = (random >> 10) % OBJECTS;
      switch ((random >> 20) % 4) {
        case 0:
#pragma omp task depend(in : object[x]) shared(done)
        {
          work(x, IN);
#pragma omp atomic
          done++;
        } break;
        case 1:
#pragma omp task depend(inout : object[x]) shared(done)
        {
          work(x, OUT);
#pragma omp atomic
          done++;
        } break;
        case 2:
#pragma omp task depend(mutexinoutset : object[x]) shared(done)
        {
          work(x, MUTEX);
#pragma omp atomic
          done++;
        } break;
        default:
#pragma omp task depend(inoutset : object[x]) shared(done)
        {
          work(x, SET);
#pragma omp atomic
          done++;
        }
      }
    }
  }
  CHECK(done == 10 * TASKS);
  return 0;
}
