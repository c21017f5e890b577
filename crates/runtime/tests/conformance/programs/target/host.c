// target on a host without devices: executed here, with if, private, firstprivate, defaultmap, map.
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int a[100], x = 5, y = 1, p = 9;
  for (int i = 0; i < 100; i++) a[i] = i;
#pragma omp target map(tofrom : a) map(tofrom : y) firstprivate(x) private(p)
  {
    p = 1;
    x += p;
    for (int i = 0; i < 100; i++) a[i] += x;
    y = omp_is_initial_device() ? 7 : 8;
  }
  for (int i = 0; i < 100; i++) CHECK(a[i] == i + 6);
  CHECK(x == 5 && y == 7 && p == 9);
#pragma omp target if (0) map(tofrom : y)
  y++;
  CHECK(y == 8);
#pragma omp target parallel map(tofrom : y) num_threads(3)
#pragma omp atomic
  y++;
  CHECK(y >= 9 && y <= 11);
#pragma omp target teams distribute parallel for map(tofrom : a)
  for (int i = 0; i < 100; i++) a[i] = 2 * i;
  for (int i = 0; i < 100; i++) CHECK(a[i] == 2 * i);
  long sum = 0;
#pragma omp target teams distribute parallel for reduction(+ : sum) map(tofrom : sum) collapse(2)
  for (int i = 0; i < 10; i++)
    for (int j = 0; j < 10; j++) sum += i * j;
  CHECK(sum == 2025);
  return 0;
}
