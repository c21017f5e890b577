// Entry points of GCC before 4.9, and others that today's compilers use for little: called by hand.
#include "check.h"
#include <stdbool.h>
#include <stdint.h>

extern void GOMP_parallel_start(void (*)(void *), void *, unsigned);
extern void GOMP_parallel_end(void);
extern void GOMP_parallel_loop_static_start(void (*)(void *), void *, unsigned, long, long, long, long);
extern void GOMP_parallel_loop_dynamic_start(void (*)(void *), void *, unsigned, long, long, long, long);
extern void GOMP_parallel_loop_guided_start(void (*)(void *), void *, unsigned, long, long, long, long);
extern void GOMP_parallel_loop_runtime_start(void (*)(void *), void *, unsigned, long, long, long);
extern void GOMP_parallel_loop_static(void (*)(void *), void *, unsigned, long, long, long, long, unsigned);
extern void GOMP_parallel_sections_start(void (*)(void *), void *, unsigned, unsigned);
extern bool GOMP_loop_dynamic_next(long *, long *);
extern bool GOMP_loop_static_next(long *, long *);
extern void GOMP_loop_end_nowait(void);
extern unsigned GOMP_sections_next(void);
extern void GOMP_sections_end_nowait(void);
extern void GOMP_barrier(void);
extern void GOMP_atomic_start(void);
extern void GOMP_atomic_end(void);
extern void GOMP_critical_start(void);
extern void GOMP_critical_end(void);
extern void GOMP_add_alloc(void *);
extern bool GOMP_is_alloc(void *);
extern void *GOMP_alloc(size_t, size_t, uintptr_t);
extern void GOMP_free(void *, uintptr_t);
extern void GOMP_warning(const char *, size_t);
extern void *GOMP_target_map_indirect_ptr(void *);
extern bool GOMP_has_masked_thread_num(int);

static int seen[64], hits[100];

static void region(void *data) {
  int tid = omp_get_thread_num();
  GOMP_atomic_start();
  seen[tid]++;
  ++*(int *)data;
  GOMP_atomic_end();
  GOMP_barrier();
  CHECK(*(int *)data == omp_get_num_threads());
}

static void loop(void *data) {
  long from, to;
  while (GOMP_loop_dynamic_next(&from, &to))
    for (long i = from; i < to; i += 2) hits[i]++;
  GOMP_loop_end_nowait();
  GOMP_critical_start();
  ++*(int *)data;
  GOMP_critical_end();
}

static void sections(void *data) {
  for (unsigned section; (section = GOMP_sections_next());) hits[section]++;
  GOMP_sections_end_nowait();
  (void)data;
}

static void check_loop(int threads, int count) {
  CHECK(count == threads);
  for (int i = 0; i < 100; i++) CHECK(hits[i] == (i >= 10 && i < 91 && i % 2 == 0));
  memset(hits, 0, sizeof hits);
}

int main(void) {
  FOR_SIZES(n) {
    for (int round = 0; round < 20; round++) {
      int count = 0;
      memset(seen, 0, sizeof seen);
      GOMP_parallel_start(region, &count, n);
      CHECK(omp_get_num_threads() == n && omp_get_thread_num() == 0 && omp_get_level() == 1);
      region(&count);
      GOMP_parallel_end();
      CHECK(count == n && omp_get_level() == 0);
      for (int i = 0; i < n; i++) CHECK(seen[i] == 1);
#define WITH_LOOP(start, ...)            \
  count = 0;                             \
  start(loop, &count, n, __VA_ARGS__);   \
  loop(&count);                          \
  GOMP_parallel_end();                   \
  check_loop(n, count);
      WITH_LOOP(GOMP_parallel_loop_static_start, 10, 91, 2, 0)
      WITH_LOOP(GOMP_parallel_loop_static_start, 10, 91, 2, 3)
      WITH_LOOP(GOMP_parallel_loop_dynamic_start, 10, 91, 2, 4)
      WITH_LOOP(GOMP_parallel_loop_guided_start, 10, 91, 2, 1)
      WITH_LOOP(GOMP_parallel_loop_runtime_start, 10, 91, 2)
      count = 0;
      GOMP_parallel_loop_static(loop, &count, n, 10, 91, 2, 5, 0);
      check_loop(n, count);
      GOMP_parallel_sections_start(sections, 0, n, 9);
      sections(0);
      GOMP_parallel_end();
      for (int i = 0; i < 100; i++) CHECK(hits[i] == (i >= 1 && i <= 9));
      memset(hits, 0, sizeof hits);
    }
  }
  // Nothing has been begun.
  GOMP_parallel_end();
  char *memory = GOMP_alloc(256, 1000, 0);
  CHECK((uintptr_t)memory % 256 == 0);
  memset(memory, 1, 1000);
  CHECK(!GOMP_is_alloc(memory));
  GOMP_add_alloc(memory);
  CHECK(GOMP_is_alloc(memory) && !GOMP_is_alloc(memory));
  GOMP_free(memory, 0);
  GOMP_warning("told by its length, not this", 18);
  CHECK(GOMP_target_map_indirect_ptr(hits) == hits);
  CHECK(GOMP_has_masked_thread_num(0) && !GOMP_has_masked_thread_num(1));
  return 0;
}
