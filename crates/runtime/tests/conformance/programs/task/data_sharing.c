// task: firstprivate by default for locals, shared, private, firstprivate of arrays; values of the moment of generation.
//@ dynamic: yes
#include "conf.h"

struct box {
  long key;
  char text[20];
};

int main(void) {
  static int seen[100];
  int sum = 0;
#pragma omp parallel
#pragma omp single
  {
    for (int i = 0; i < 100; i++) {
      int local = i * i;
      struct box box = {i, "boxed"};
      int list[4] = {i, i + 1, i + 2, i + 3};
      int own = -1;
#pragma omp task shared(sum) firstprivate(box, list) private(own)
      {
        own = list[3];
        CHECK(local == i * i && box.key == i && strcmp(box.text, "boxed") == 0 && own == i + 3);
        seen[i]++;
#pragma omp atomic
        sum += local;
        box.key = 0;
        list[0] = 0;
      }
      local = 0;
      box.key = -1;
      list[3] = 0;
    }
  }
  int expected = 0;
  for (int i = 0; i < 100; i++) expected += i * i, sum += 0 * seen[i];
  CHECK(sum == expected);
  for (int i = 0; i < 100; i++) CHECK(seen[i] == 1);
  return 0;
}
