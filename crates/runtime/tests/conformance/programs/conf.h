// Shared by the conformance programs. CHECK ends the program with a message where a condition does not hold; MEET proves that
// threads or tasks are under way at the same time.
#pragma once
#include <limits.h>
#include <omp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition) ((condition) ? (void)0 : conf_fail(__FILE__, __LINE__, #condition))

// Ends at once, whatever the other threads do.
_Noreturn static inline void conf_fail(const char *file, int line, const char *condition) {
  fprintf(stderr, "%s:%d: %s does not hold (thread %d of %d)\n", file, line, condition, omp_get_thread_num(),
          omp_get_num_threads());
  fflush(stderr);
  _exit(1);
}

#define REPEAT(times) for (int repeat_ = 0; repeat_ < (times); repeat_++)

// Seconds after which a meeting counts as impossible.
#define CONF_PATIENCE 30

static inline double conf_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// Waits until the condition holds; false after CONF_PATIENCE. For conditions on atomic objects.
#define AWAIT(condition)                                                              \
  do {                                                                                \
    double started_ = conf_now();                                                     \
    while (!(condition)) {                                                            \
      sched_yield();                                                                  \
      if (conf_now() - started_ > CONF_PATIENCE)                                      \
        conf_fail(__FILE__, __LINE__, "within the time given: " #condition);          \
    }                                                                                 \
  } while (0)

// Returns when `n` callers are here at the same time. A meeting serves once.
typedef struct {
  atomic_int here;
} meeting;

#define MEET(where, n)                       \
  do {                                       \
    atomic_fetch_add(&(where)->here, 1);     \
    AWAIT(atomic_load(&(where)->here) >= (n)); \
  } while (0)

// How many tasks can be relied on to be under way at once: a runtime may execute tasks where they are generated when all
// processors are busy.
static inline int conf_tasks_at_once(int threads) {
  int processors = omp_get_num_procs();
  return threads < processors ? threads : processors;
}

// Shifts the threads against each other, differently each time.
static inline void conf_jitter(unsigned seed) {
  seed = seed * 2654435761u ^ (unsigned)omp_get_thread_num() * 40503u;
  for (volatile unsigned i = (seed >> 16) % 300; i > 0; i--)
    ;
  if (seed % 31 == 0) sched_yield();
}
