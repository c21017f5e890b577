// reduction over arrays and array sections: fixed, of run-time length, through pointers.
//@ dynamic: yes
#include "conf.h"

static void with(int length) {
  double vla[length];
  int fixed[10], *heap = malloc(sizeof(int) * (length + 20));
  for (int i = 0; i < length; i++) vla[i] = i;
  for (int i = 0; i < 10; i++) fixed[i] = 100;
  for (int i = 0; i < length + 20; i++) heap[i] = 7;
#pragma omp parallel for reduction(+ : vla, fixed) reduction(+ : heap[10 : length])
  for (int i = 0; i < 1000; i++) {
    vla[i % length] += 1;
    fixed[i % 10]++;
    heap[10 + i % length]++;
  }
  double total = 0;
  for (int i = 0; i < length; i++) total += vla[i] - i;
  CHECK(total == 1000);
  for (int i = 0; i < 10; i++) CHECK(fixed[i] == 200);
  int sum = 0;
  for (int i = 0; i < length + 20; i++) {
    if (i < 10 || i >= 10 + length) CHECK(heap[i] == 7);
    sum += heap[i] - 7;
  }
  CHECK(sum == 1000);
  free(heap);
}

int main(void) {
  REPEAT(5) {
    with(1);
    with(13);
    with(500);
    with(5000);
  }
  return 0;
}
