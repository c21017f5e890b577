// firstprivate on an array whose length is known at run time only.
#include "conf.h"

static void with(int length) {
  int values[length];
  for (int i = 0; i < length; i++) values[i] = 3 * i;
#pragma omp parallel firstprivate(values)
  {
    for (int i = 0; i < length; i++) CHECK(values[i] == 3 * i), values[i] = -1;
  }
  for (int i = 0; i < length; i++) CHECK(values[i] == 3 * i);
}

int main(void) {
  for (int length = 1; length < 2000; length = length * 3 + 1) with(length);
  return 0;
}
