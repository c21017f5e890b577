// Loops over a league's teams and their threads at once, by the entry points for that; called by hand, with questions about the
// place in a region and what else Clang does not emit for C.
#include "check.h"
#include <stdint.h>

extern int __kmpc_global_thread_num(void *), __kmpc_global_num_threads(void *);
extern int __kmpc_bound_thread_num(void *), __kmpc_bound_num_threads(void *), __kmpc_in_parallel(void *);
extern void __kmpc_begin(void *, int), __kmpc_end(void *), __kmpc_barrier(void *, int);
extern void __kmpc_fork_call_if(void *, int, void (*)(int *, int *, void *), int, void *);
extern void *__kmpc_copyprivate_light(void *, int, void *);
extern void *__kmpc_calloc(int, size_t, size_t, uintptr_t), *__kmpc_realloc(int, void *, size_t, uintptr_t, uintptr_t);
extern void __kmpc_free(int, void *, uintptr_t), __kmpc_destroy_allocator(int, uintptr_t);
extern uintptr_t __kmpc_init_allocator(int, uintptr_t, int, void *), __kmpc_get_default_allocator(int);
extern void __kmpc_set_default_allocator(int, uintptr_t);

enum { COUNT = 300, STATIC = 34, STATIC_CHUNK = 33, DYNAMIC = 35 };
static int hits[COUNT], lasts;

static void expect(const char *what) {
  for (int i = 0; i < COUNT; i++)
    if (hits[i] != 1) {
      fprintf(stderr, "%s: iteration %d ran %d times\n", what, i, hits[i]);
      exit(1);
    }
  CHECK(lasts == 1);
  memset(hits, 0, sizeof hits);
  lasts = 0;
}

static void ran(long i, int last) {
#pragma omp atomic
  hits[(i - 7) / 2]++;
  if (last && i == 7 + 2 * (COUNT - 1)) {
#pragma omp atomic
    lasts++;
  }
}

// 7, 9, 11, ... in a variable of type T.
#define DISTRIBUTED(T, S, t)                                                                                     \
  {                                                                                                              \
    extern void __kmpc_dist_for_static_init_##t(void *, int, int, int *, T *, T *, T *, S *, S, S);              \
    extern void __kmpc_team_static_init_##t(void *, int, int *, T *, T *, S *, S, S);                            \
    extern void __kmpc_dist_dispatch_init_##t(void *, int, int, int *, T, T, S, S);                              \
    extern int __kmpc_dispatch_next_##t(void *, int, int *, T *, T *, S *);                                      \
    const T first = 7, end = 7 + 2 * (COUNT - 1);                                                                \
    for (int kind = STATIC_CHUNK; kind <= STATIC; kind++) {                                                      \
      _Pragma("omp teams num_teams(3)") {                                                                        \
        _Pragma("omp parallel num_threads(n)") {                                                                 \
          int last = 0, gtid = __kmpc_global_thread_num(0);                                                      \
          T from = first, to = end, team_end = end;                                                              \
          S stride = 1;                                                                                          \
          __kmpc_dist_for_static_init_##t(0, gtid, kind, &last, &from, &to, &team_end, &stride, 2, 5);           \
          for (; from <= team_end; from += stride, to += stride) {                                               \
            for (T i = from; i <= to && i <= team_end; i += 2) ran(i, last);                                     \
            if (kind == STATIC) break;                                                                           \
          }                                                                                                      \
        }                                                                                                        \
      }                                                                                                          \
      expect("static " #t);                                                                                      \
    }                                                                                                            \
    _Pragma("omp teams num_teams(3)") {                                                                          \
      _Pragma("omp parallel num_threads(n)") {                                                                   \
        int last_team = 0, last = 0, gtid = __kmpc_global_thread_num(0);                                         \
        T from, to;                                                                                              \
        S stride;                                                                                                \
        __kmpc_dist_dispatch_init_##t(0, gtid, DYNAMIC, &last_team, first, end, 2, 4);                           \
        while (__kmpc_dispatch_next_##t(0, gtid, &last, &from, &to, &stride))                                    \
          for (T i = from; i <= to; i += 2) ran(i, last_team && last);                                           \
      }                                                                                                          \
    }                                                                                                            \
    expect("dynamic " #t);                                                                                       \
    _Pragma("omp teams num_teams(3)") {                                                                          \
      int last = 0, gtid = __kmpc_global_thread_num(0);                                                          \
      T from = first, to = end;                                                                                  \
      S stride;                                                                                                  \
      __kmpc_team_static_init_##t(0, gtid, &last, &from, &to, &stride, 2, 8);                                    \
      for (; from <= end; from += stride, to += stride)                                                          \
        for (T i = from; i <= to && i <= end; i += 2) ran(i, last);                                              \
    }                                                                                                            \
    expect("teams " #t);                                                                                         \
  }

struct seen {
  int threads, condition, count;
};

static void region(int *gtid, int *tid, void *data) {
  struct seen *seen = data;
  int n = seen->condition ? seen->threads : 1;
  CHECK(*gtid == __kmpc_global_thread_num(0) && *tid == __kmpc_bound_thread_num(0));
  CHECK(__kmpc_bound_num_threads(0) == n && __kmpc_in_parallel(0) == (n > 1) && __kmpc_global_num_threads(0) >= n);
#pragma omp atomic
  seen->count++;
  int value = *tid, *shared = __kmpc_copyprivate_light(0, *gtid, *tid == n - 1 ? &value : 0);
  CHECK(*shared == n - 1);
  __kmpc_barrier(0, *gtid);
}

int main(void) {
  __kmpc_begin(0, 0);
  FOR_SIZES(n) {
    DISTRIBUTED(int32_t, int32_t, 4)
    DISTRIBUTED(uint32_t, int32_t, 4u)
    DISTRIBUTED(int64_t, int64_t, 8)
    DISTRIBUTED(uint64_t, int64_t, 8u)
    for (int condition = 0; condition < 2; condition++) {
      struct seen seen = {n, condition, 0};
      omp_set_num_threads(n);
      __kmpc_fork_call_if(0, 1, region, condition, &seen);
      CHECK(seen.count == (condition ? n : 1));
    }
  }
  int gtid = __kmpc_global_thread_num(0);
  uintptr_t before = __kmpc_get_default_allocator(gtid), allocator = __kmpc_init_allocator(gtid, 0, 0, 0);
  __kmpc_set_default_allocator(gtid, allocator);
  CHECK(allocator && __kmpc_get_default_allocator(gtid) == allocator);
  char *memory = __kmpc_calloc(gtid, 10, 10, 0);
  for (int i = 0; i < 100; i++) CHECK(memory[i] == 0);
  memory = __kmpc_realloc(gtid, memory, 1000, 0, 0);
  memset(memory, 1, 1000);
  __kmpc_free(gtid, memory, 0);
  __kmpc_set_default_allocator(gtid, before);
  __kmpc_destroy_allocator(gtid, allocator);
  __kmpc_end(0);
  return 0;
}
