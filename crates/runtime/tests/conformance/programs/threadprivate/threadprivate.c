// threadprivate: one object per thread, kept from region to region; static locals, arrays, structures.
#include "conf.h"

static int counter = 5;
static double list[20];
struct thing {
  int a;
  char text[10];
} thing = {3, "three"};
#pragma omp threadprivate(counter, list, thing)

static int *local(void) {
  static int inside = 9;
#pragma omp threadprivate(inside)
  return &inside;
}

int main(void) {
  int n = omp_get_max_threads();
  omp_set_dynamic(0);
#pragma omp parallel
  {
    CHECK(counter == 5 && thing.a == 3 && strcmp(thing.text, "three") == 0 && *local() == 9 && list[7] == 0);
    counter = 100 + omp_get_thread_num();
    list[7] = counter;
    thing.a = -counter;
    *local() = counter * 2;
  }
  REPEAT(20) {
    int sum = 0;
#pragma omp parallel reduction(+ : sum)
    {
      int mine = 100 + omp_get_thread_num();
      CHECK(counter == mine && list[7] == mine && thing.a == -mine && *local() == 2 * mine);
      sum += counter;
    }
    CHECK(sum == 100 * n + n * (n - 1) / 2);
  }
  CHECK(counter == 100);
  return 0;
}
