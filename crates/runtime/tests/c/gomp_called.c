// Every loop entry point of GCC's, called by hand, since no one compiler version emits them all; and others that few programs reach.
#include "check.h"
#include <stdbool.h>
#include <stdint.h>

typedef unsigned long long ull;
enum { COUNT = 100 };
static int hits[COUNT];
static long turn;

extern void GOMP_loop_end(void), GOMP_loop_end_nowait(void), GOMP_barrier(void), GOMP_ordered_start(void), GOMP_ordered_end(void);
extern bool GOMP_loop_end_cancel(void), GOMP_sections_end_cancel(void), GOMP_barrier_cancel_ext(int);
extern void GOMP_barrier_ext(int), GOMP_sections_end_nowait(void), GOMP_sections_end(void);
extern unsigned GOMP_sections_start(unsigned), GOMP_sections_next(void), GOMP_sections2_start(unsigned, uintptr_t *, void **);
extern void GOMP_taskwait_depend_nowait(void **), GOMP_teams(unsigned, unsigned);
extern bool GOMP_teams4(unsigned, unsigned, unsigned, bool);
extern void GOMP_target(int, void (*)(void *), const void *, size_t, void **, size_t *, unsigned char *);
extern void GOMP_target_data(int, const void *, size_t, void **, size_t *, unsigned char *), GOMP_target_end_data(void);
extern void GOMP_target_update(int, const void *, size_t, void **, size_t *, unsigned char *);
extern void GOMP_offload_register(void *, int, void *), GOMP_offload_unregister(void *, int, void *);
extern void GOMP_offload_register_ver(unsigned, void *, int, void *), GOMP_offload_unregister_ver(unsigned, void *, int, void *);
extern void GOMP_interop(int, int, void ***, const int *, const char **, int, void **, int, void ***, unsigned, void **);
extern void GOMP_parallel_loop_guided(void (*)(void *), void *, unsigned, long, long, long, long, unsigned);
extern void GOMP_parallel_loop_runtime(void (*)(void *), void *, unsigned, long, long, long, unsigned);
extern void GOMP_parallel_loop_nonmonotonic_runtime(void (*)(void *), void *, unsigned, long, long, long, unsigned);
extern bool GOMP_loop_guided_next(long *, long *);

static void expect(const char *what) {
  for (int i = 0; i < COUNT; i++)
    if (hits[i] != 1) {
      fprintf(stderr, "%s: iteration %d ran %d times\n", what, i, hits[i]);
      exit(1);
    }
  memset(hits, 0, sizeof hits);
  turn = 0;
}

// Iterations 1000, 1003, ... of type T; in an ordered loop the blocks come in turn.
#define CHUNKS(T, begun, next, ordered)                            \
  {                                                                \
    T from, to;                                                    \
    for (bool more = begun; more; more = next(&from, &to))         \
      for (T i = from; i < to; i += 3) {                           \
        int number = (int)((i - 1000) / 3);                        \
        hits[number]++;                                            \
        if (ordered && number % 7 != 5) {                          \
          GOMP_ordered_start();                                    \
          CHECK(turn <= number);                                   \
          turn = number;                                           \
          GOMP_ordered_end();                                      \
        }                                                          \
      }                                                            \
  }

#define REGION(n, what, body)                       \
  _Pragma("omp parallel num_threads(n)") { body }   \
  expect(what);

#define ONE(kind, chunk, ordered)                                                                            \
  {                                                                                                          \
    extern bool GOMP_loop_##kind##_start(long, long, long, long, long *, long *);                            \
    extern bool GOMP_loop_##kind##_next(long *, long *);                                                     \
    extern bool GOMP_loop_ull_##kind##_start(bool, ull, ull, ull, ull, ull *, ull *);                        \
    extern bool GOMP_loop_ull_##kind##_next(ull *, ull *);                                                   \
    REGION(n, #kind, CHUNKS(long, GOMP_loop_##kind##_start(1000, 1300, 3, chunk, &from, &to),                \
                            GOMP_loop_##kind##_next, ordered) GOMP_loop_end();)                              \
    REGION(n, "ull " #kind, CHUNKS(ull, GOMP_loop_ull_##kind##_start(true, 1000, 1299, 3, chunk, &from, &to), \
                                   GOMP_loop_ull_##kind##_next, ordered) GOMP_loop_end_nowait();)            \
  }

#define RUNTIME(kind, ordered)                                                                            \
  {                                                                                                       \
    extern bool GOMP_loop_##kind##_start(long, long, long, long *, long *);                               \
    extern bool GOMP_loop_##kind##_next(long *, long *);                                                  \
    extern bool GOMP_loop_ull_##kind##_start(bool, ull, ull, ull, ull *, ull *);                          \
    extern bool GOMP_loop_ull_##kind##_next(ull *, ull *);                                                \
    REGION(n, #kind, CHUNKS(long, GOMP_loop_##kind##_start(1000, 1300, 3, &from, &to),                    \
                            GOMP_loop_##kind##_next, ordered) CHECK(!GOMP_loop_end_cancel());)            \
    REGION(n, "ull " #kind, CHUNKS(ull, GOMP_loop_ull_##kind##_start(true, 1000, 1298, 3, &from, &to),    \
                                   GOMP_loop_ull_##kind##_next, ordered) GOMP_loop_end_nowait();)         \
  }

extern bool GOMP_loop_start(long, long, long, long, long, long *, long *, uintptr_t *, void **);
extern bool GOMP_loop_ordered_start(long, long, long, long, long, long *, long *, uintptr_t *, void **);
extern bool GOMP_loop_ull_start(bool, ull, ull, ull, long, ull, ull *, ull *, uintptr_t *, void **);
extern bool GOMP_loop_ull_ordered_start(bool, ull, ull, ull, long, ull, ull *, ull *, uintptr_t *, void **);
extern bool GOMP_loop_dynamic_next(long *, long *), GOMP_loop_ordered_dynamic_next(long *, long *);
extern bool GOMP_loop_ull_dynamic_next(ull *, ull *), GOMP_loop_ull_ordered_dynamic_next(ull *, ull *);

// By number, with memory of the team.
static void general(int n, long schedule) {
  void *seen[64];
#define WITH_MEMORY(T, begun, next, ordered)                        \
  memset(seen, 0, sizeof seen);                                     \
  REGION(n, #begun,                                                 \
         void *memory = (void *)4096;                               \
         CHUNKS(T, begun, next, ordered)                            \
         for (int i = 0; i < 4096; i += 8) CHECK(((char *)memory)[i] == 0); \
         seen[omp_get_thread_num()] = memory; GOMP_loop_end();)     \
  for (int i = 0; i < n; i++) CHECK(seen[i] && seen[i] == seen[0]);
  WITH_MEMORY(long, GOMP_loop_start(1000, 1300, 3, schedule, 4, &from, &to, 0, &memory), GOMP_loop_dynamic_next, 0)
  WITH_MEMORY(long, GOMP_loop_ordered_start(1000, 1300, 3, schedule, 4, &from, &to, 0, &memory), GOMP_loop_ordered_dynamic_next, 1)
  WITH_MEMORY(ull, GOMP_loop_ull_start(true, 1000, 1300, 3, schedule, 4, &from, &to, 0, &memory), GOMP_loop_ull_dynamic_next, 0)
  WITH_MEMORY(ull, GOMP_loop_ull_ordered_start(true, 1000, 1300, 3, schedule, 4, &from, &to, 0, &memory),
              GOMP_loop_ull_ordered_dynamic_next, 1)
}

extern void GOMP_doacross_post(long *), GOMP_doacross_wait(long, ...);
extern void GOMP_doacross_ull_post(ull *), GOMP_doacross_ull_wait(ull, ...);
static int done[12][3][2][2][2][2][2][2];

// A nest of as many dimensions as do not fit the registers.
#define DOACROSS(T, begun, next, post, wait)                                                                \
  memset(done, 0, sizeof done);                                                                             \
  _Pragma("omp parallel num_threads(n)") {                                                                  \
    T counts[8] = {12, 3, 2, 2, 2, 2, 2, 2}, from, to;                                                      \
    for (bool more = begun; more; more = next(&from, &to))                                                  \
      for (T i = from; i < to; i++)                                                                         \
        for (T j = 0; j < 3; j++)                                                                           \
          for (int rest = 0; rest < 64; rest++) {                                                           \
            T at[8] = {i, j, rest >> 5 & 1, rest >> 4 & 1, rest >> 3 & 1, rest >> 2 & 1, rest >> 1 & 1, rest & 1}; \
            int *cell = &done[at[0]][at[1]][at[2]][at[3]][at[4]][at[5]][at[6]][at[7]];                      \
            if (i > 0) {                                                                                    \
              wait(i - 1, j, at[2], at[3], at[4], at[5], at[6], at[7]);                                     \
              CHECK(__atomic_load_n(&done[i - 1][at[1]][at[2]][at[3]][at[4]][at[5]][at[6]][at[7]], __ATOMIC_RELAXED)); \
            }                                                                                               \
            __atomic_store_n(cell, 1, __ATOMIC_RELAXED);                                                    \
            post(at);                                                                                       \
          }                                                                                                 \
    GOMP_loop_end();                                                                                        \
  }                                                                                                         \
  for (int i = 0; i < 12; i++) CHECK(done[i][2][1][1][1][1][1][1]);

#define DOACROSS_KIND(kind)                                                                       \
  {                                                                                               \
    extern bool GOMP_loop_doacross_##kind##_start(unsigned, long *, long, long *, long *);        \
    extern bool GOMP_loop_##kind##_next(long *, long *);                                          \
    extern bool GOMP_loop_ull_doacross_##kind##_start(unsigned, ull *, ull, ull *, ull *);        \
    extern bool GOMP_loop_ull_##kind##_next(ull *, ull *);                                        \
    DOACROSS(long, GOMP_loop_doacross_##kind##_start(8, counts, 1, &from, &to),                   \
             GOMP_loop_##kind##_next, GOMP_doacross_post, GOMP_doacross_wait)                     \
    DOACROSS(ull, GOMP_loop_ull_doacross_##kind##_start(8, counts, 2, &from, &to),                \
             GOMP_loop_ull_##kind##_next, GOMP_doacross_ull_post, GOMP_doacross_ull_wait)         \
  }

static void nests(int n) {
  extern bool GOMP_loop_doacross_runtime_start(unsigned, long *, long *, long *);
  extern bool GOMP_loop_ull_doacross_runtime_start(unsigned, ull *, ull *, ull *);
  extern bool GOMP_loop_runtime_next(long *, long *), GOMP_loop_ull_runtime_next(ull *, ull *);
  extern bool GOMP_loop_doacross_start(unsigned, long *, long, long, long *, long *, uintptr_t *, void **);
  extern bool GOMP_loop_ull_doacross_start(unsigned, ull *, long, ull, ull *, ull *, uintptr_t *, void **);
  DOACROSS_KIND(static)
  DOACROSS_KIND(dynamic)
  DOACROSS_KIND(guided)
  DOACROSS(long, GOMP_loop_doacross_runtime_start(8, counts, &from, &to), GOMP_loop_runtime_next, GOMP_doacross_post,
           GOMP_doacross_wait)
  DOACROSS(ull, GOMP_loop_ull_doacross_runtime_start(8, counts, &from, &to), GOMP_loop_ull_runtime_next,
           GOMP_doacross_ull_post, GOMP_doacross_ull_wait)
  DOACROSS(long, GOMP_loop_doacross_start(8, counts, 2, 1, &from, &to, 0, 0), GOMP_loop_dynamic_next, GOMP_doacross_post,
           GOMP_doacross_wait)
  DOACROSS(ull, GOMP_loop_ull_doacross_start(8, counts, 2, 1, &from, &to, 0, 0), GOMP_loop_ull_dynamic_next,
           GOMP_doacross_ull_post, GOMP_doacross_ull_wait)
}

static void region_loop(void *unused) {
  long from, to;
  while (GOMP_loop_guided_next(&from, &to))
    for (long i = from; i < to; i += 3) hits[(i - 1000) / 3]++;
  GOMP_loop_end_nowait();
  (void)unused;
}

static void sections(int n) {
#pragma omp parallel num_threads(n)
  {
    for (unsigned s = GOMP_sections_start(COUNT); s; s = GOMP_sections_next()) hits[s - 1]++;
    GOMP_sections_end();
#pragma omp single
    expect("sections");
    void *memory = (void *)64;
    for (unsigned s = GOMP_sections2_start(COUNT, 0, &memory); s; s = GOMP_sections_next()) hits[s - 1]++;
    CHECK(memory != 0);
    CHECK(!GOMP_sections_end_cancel());
    GOMP_barrier_ext(1);
    CHECK(!GOMP_barrier_cancel_ext(1));
  }
  expect("sections with memory");
}

static void target_code(void *data) {
  int *value = *(int **)data;
  GOMP_teams(4, 2);
  CHECK(omp_get_num_teams() == 1 && omp_get_level() == 0);
  ++*value;
}

static void teams_code(void *data) {
  int *value = *(int **)data;
  for (bool first = true; GOMP_teams4(3, 5, 2, first); first = false) {
    CHECK(omp_get_num_teams() == 3 && omp_get_team_num() == *value && omp_get_thread_limit() <= 2);
    ++*value;
  }
}

static void devices(void) {
  int value = 0;
  void *address = &value;
  size_t size = sizeof value;
  unsigned char kind = 3;
  GOMP_target_data(-1, 0, 1, &address, &size, &kind);
  GOMP_target(-1, target_code, 0, 1, &address, &size, &kind);
  GOMP_target_update(-1, 0, 1, &address, &size, &kind);
  GOMP_target_end_data();
  CHECK(value == 1);
  value = 0;
  GOMP_target(-1, teams_code, 0, 1, &address, &size, &kind);
  CHECK(value == 3);
  GOMP_offload_register(&value, 1, 0);
  GOMP_offload_unregister(&value, 1, 0);
  GOMP_offload_register_ver(0x10000, &value, 1, 0);
  GOMP_offload_unregister_ver(0x10000, &value, 1, 0);
  void *object = &value, **objects[1] = {&object};
  GOMP_interop(-1, 1, objects, 0, 0, 0, 0, 0, 0, 0, 0);
  CHECK(object == 0);
}

static void taskwait_nowait(void) {
  int value = 0;
#pragma omp parallel
#pragma omp single
  {
#pragma omp task depend(out : value)
    value = 1;
    // One item, an output.
    void *list[3] = {(void *)1, (void *)1, &value};
    GOMP_taskwait_depend_nowait(list);
#pragma omp task depend(in : value)
    CHECK(value == 1);
  }
}

int main(void) {
  FOR_SIZES(n) {
    for (int round = 0; round < 3; round++) {
      ONE(static, 0, 0)
      ONE(static, 7, 0)
      ONE(dynamic, 5, 0)
      ONE(guided, 1, 0)
      ONE(nonmonotonic_dynamic, 5, 0)
      ONE(nonmonotonic_guided, 1, 0)
      ONE(ordered_static, 0, 1)
      ONE(ordered_static, 3, 1)
      ONE(ordered_dynamic, 4, 1)
      ONE(ordered_guided, 2, 1)
      RUNTIME(runtime, 0)
      RUNTIME(nonmonotonic_runtime, 0)
      RUNTIME(maybe_nonmonotonic_runtime, 0)
      RUNTIME(ordered_runtime, 1)
      for (long schedule = 0; schedule < 4; schedule++) {
        general(n, schedule);
        general(n, schedule | 0x80000000l);
      }
      nests(n);
      sections(n);
      GOMP_parallel_loop_guided(region_loop, 0, n, 1000, 1300, 3, 2, 0);
      expect("parallel guided");
      GOMP_parallel_loop_runtime(region_loop, 0, n, 1000, 1300, 3, 0);
      expect("parallel runtime");
      GOMP_parallel_loop_nonmonotonic_runtime(region_loop, 0, n, 1000, 1300, 3, 0);
      expect("parallel nonmonotonic runtime");
    }
  }
  devices();
  taskwait_nowait();
  return 0;
}
