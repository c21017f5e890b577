// single, copyprivate, masked, critical, reductions of all kinds, locks, barriers, atomics, flush.
#include "check.h"

static void single_and_copyprivate(void) {
  int count = 0;
#pragma omp parallel
  for (int round = 0; round < 50; round++) {
    int value = -1, other[3] = {0};
#pragma omp single copyprivate(value, other)
    {
#pragma omp atomic
      count++;
      value = round;
      other[2] = round + 1;
    }
    CHECK(value == round && other[2] == round + 1);
#pragma omp single nowait
    {
#pragma omp atomic
      count++;
    }
  }
  CHECK(count == 100);
}

static void masked(void) {
  int first = 0, second = 0, size = 0;
#pragma omp parallel
  {
#pragma omp masked
    {
      first++;
      size = omp_get_num_threads();
    }
#pragma omp masked filter(1)
    second++;
  }
  CHECK(first == 1 && second == (size > 1));
}

static void criticals(void) {
  int plain = 0, named = 0, threads = 0;
#pragma omp parallel
  {
#pragma omp single
    threads = omp_get_num_threads();
    for (int i = 0; i < 300; i++) {
#pragma omp critical
      plain++;
#pragma omp critical(name) hint(omp_sync_hint_contended)
      named++;
    }
  }
  CHECK(plain == 300 * threads && named == 300 * threads);
}

struct pair {
  double a, b;
};
#pragma omp declare reduction(add : struct pair : omp_out.a += omp_in.a, omp_out.b += omp_in.b) initializer(omp_priv = (struct pair){0, 0})

static void reductions(void) {
  int sum = 1, product = 1, low = 1000, high = -1000, all = 1, any = 0, bits = 0;
  double real = 0.5;
  struct pair pair = {1, 2};
  int array[20] = {0};
#pragma omp parallel for reduction(+ : sum, real) reduction(min : low) reduction(max : high) reduction(&& : all) reduction(|| : any) reduction(| : bits)
  for (int i = 0; i < 100; i++) {
    sum += i;
    real += i;
    low = i - 3 < low ? i - 3 : low;
    high = i + 3 > high ? i + 3 : high;
    all = all && i != 50;
    any = any || i == 50;
    bits |= 1 << i % 30;
  }
  CHECK(sum == 4951 && real == 4950.5 && low == -3 && high == 102 && !all && any && bits == (1 << 30) - 1);
#pragma omp parallel for reduction(* : product)
  for (int i = 1; i <= 10; i++) product *= i;
  CHECK(product == 3628800);
#pragma omp parallel for reduction(add : pair) reduction(+ : array)
  for (int i = 0; i < 100; i++) {
    pair.a += 1;
    pair.b += i;
    array[i % 20]++;
  }
  CHECK(pair.a == 101 && pair.b == 4952);
  for (int i = 0; i < 20; i++) CHECK(array[i] == 5);
#pragma omp parallel
  {
#pragma omp single
    sum = 0;
#pragma omp for reduction(+ : sum)
    for (int i = 0; i < 100; i++) sum += i;
    CHECK(sum == 4950);
  }
}

static void locks(void) {
  omp_lock_t lock;
  omp_nest_lock_t nest;
  int count = 0, threads = 0;
  omp_init_lock_with_hint(&lock, omp_sync_hint_contended);
  omp_init_nest_lock(&nest);
#pragma omp parallel
  {
#pragma omp single
    threads = omp_get_num_threads();
    for (int i = 0; i < 200; i++) {
      omp_set_lock(&lock);
      count++;
      omp_unset_lock(&lock);
      while (!omp_test_lock(&lock)) {
      }
      count++;
      omp_unset_lock(&lock);
      omp_set_nest_lock(&nest);
      CHECK(omp_test_nest_lock(&nest) == 2);
      count++;
      omp_unset_nest_lock(&nest);
      omp_unset_nest_lock(&nest);
#pragma omp barrier
    }
  }
  CHECK(count > 400 * threads);
  omp_destroy_lock(&lock);
  omp_destroy_nest_lock(&nest);
}

static void hand_over(void) {
  int data = 0, flag = 0;
#pragma omp parallel num_threads(2)
  {
    if (omp_get_thread_num() == 0) {
      data = 42;
#pragma omp flush
#pragma omp atomic write release
      flag = 1;
    } else if (omp_get_num_threads() == 2) {
      int seen = 0;
      while (!seen) {
#pragma omp atomic read acquire
        seen = flag;
      }
      CHECK(data == 42);
    }
  }
}

int main(void) {
  FOR_SIZES(n) {
    omp_set_num_threads(n);
    for (int round = 0; round < 8; round++) {
      single_and_copyprivate();
      masked();
      criticals();
      reductions();
      hand_over();
    }
    locks();
  }
  return 0;
}
