// Costs of a runtime that are not overheads of constructs. Prints the file the runtime was loaded from, then one line for each
// measure: name, minimum and median over the repetitions.  usage: costs [repetitions]
//   memory_KiB    resident memory of an idle worker beyond its stack (OMP_NUM_THREADS does not matter: 65 threads)
//   idle_ms       processor time of the process in the second after a region of OMP_NUM_THREADS threads and one more
//   lock_ns       an uncontended lock set and unset
//   nest_lock_ns  the same for a nestable lock
//   dispatch_ns   an iteration of a dynamic loop with chunks of 1, without waiting
//   doacross_ns   an iteration of a loop with ordered(1), each waiting for the one before
//   teams_us      a region, where the team's size alternates between 1 and OMP_NUM_THREADS
//   levels_us     17 regions within each other, of one thread but for the innermost
#define _GNU_SOURCE
#include <dlfcn.h>
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WORKERS 64
static uintptr_t stacks[WORKERS + 1];
static int threads;
static double sink;

// Resident KiB of all mappings in which no thread has its stack.
static long resident_beyond_stacks(void) {
  FILE *maps = fopen("/proc/self/smaps", "r");
  if (!maps) return 0;
  char line[512];
  long total = 0;
  int counts = 0;
  while (fgets(line, sizeof line, maps)) {
    unsigned long from, to;
    long kib;
    if (sscanf(line, "%lx-%lx ", &from, &to) == 2 && strchr(line, '-') < strchr(line, ' ')) {
      counts = 1;
      for (int i = 0; i <= WORKERS; i++) counts &= !(stacks[i] >= from && stacks[i] < to);
    } else if (counts && sscanf(line, "Rss: %ld kB", &kib) == 1) {
      total += kib;
    }
  }
  fclose(maps);
  return total;
}

static void region(int size) {
#pragma omp parallel num_threads(size)
  {
    volatile int here = 0;
    stacks[omp_get_thread_num() % (WORKERS + 1)] = (uintptr_t)&here;
  }
}

static double memory_per_worker(void) {
  region(1);
  resident_beyond_stacks();
  long before = resident_beyond_stacks();
  region(WORKERS + 1);
  region(WORKERS + 1);
  return (double)(resident_beyond_stacks() - before) / WORKERS;
}

static double processor_time(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

static double idle_time(void) {
  region(threads + 1);
  double before = processor_time();
  sleep(1);
  return (processor_time() - before) * 1e3;
}

static double lock_time(void) {
  omp_lock_t lock;
  omp_init_lock(&lock);
  double start = omp_get_wtime();
  for (int i = 0; i < 20000; i++) {
    omp_set_lock(&lock);
    omp_unset_lock(&lock);
  }
  double time = (omp_get_wtime() - start) / 20000;
  omp_destroy_lock(&lock);
  return time * 1e9;
}

static double nest_lock_time(void) {
  omp_nest_lock_t lock;
  omp_init_nest_lock(&lock);
  double start = omp_get_wtime();
  for (int i = 0; i < 20000; i++) {
    omp_set_nest_lock(&lock);
    omp_unset_nest_lock(&lock);
  }
  double time = (omp_get_wtime() - start) / 20000;
  omp_destroy_nest_lock(&lock);
  return time * 1e9;
}

static double dispatch_time(void) {
  double start = 0;
#pragma omp parallel
  {
#pragma omp barrier
#pragma omp single
    start = omp_get_wtime();
#pragma omp for schedule(dynamic, 1)
    for (int i = 0; i < 40000; i++) __asm__ volatile("" ::: "memory");
  }
  return (omp_get_wtime() - start) / 40000 * 1e9;
}

static double doacross_time(void) {
  double start = 0;
  volatile double last = 0;
#pragma omp parallel
  {
#pragma omp barrier
#pragma omp single
    start = omp_get_wtime();
#pragma omp for schedule(static, 1) ordered(1)
    for (int i = 0; i < 4000; i++) {
#pragma omp ordered depend(sink : i - 1)
      last = last + i;
#pragma omp ordered depend(source)
    }
  }
  sink += last;
  return (omp_get_wtime() - start) / 4000 * 1e9;
}

static double teams_time(void) {
  double start = omp_get_wtime();
  for (int i = 0; i < 500; i++) {
    region(1);
    region(threads);
  }
  return (omp_get_wtime() - start) / 1000 * 1e6;
}

static void nested(int levels) {
  if (levels == 0) return;
#pragma omp parallel num_threads(levels == 1 ? threads : 1)
  {
#pragma omp masked
    nested(levels - 1);
  }
}

static double levels_time(void) {
  double start = omp_get_wtime();
  for (int i = 0; i < 100; i++) nested(17);
  return (omp_get_wtime() - start) / 100 * 1e6;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void measure(const char *name, double (*once)(void), int repetitions) {
  double samples[repetitions];
  for (int r = 0; r < repetitions; r++) samples[r] = once();
  qsort(samples, repetitions, sizeof(double), ascending);
  printf("%s %.3f %.3f\n", name, samples[0], samples[repetitions / 2]);
}

int main(int argc, char **argv) {
  int repetitions = argc > 1 && atoi(argv[1]) > 0 ? atoi(argv[1]) : 20;
  Dl_info info;
  dladdr((void *)omp_get_wtime, &info);
  char path[4096];
  if (!realpath(info.dli_fname, path)) return 1;
  printf("library %s\n", path);
  threads = omp_get_max_threads();
  omp_set_dynamic(0);
  measure("lock_ns", lock_time, repetitions);
  measure("nest_lock_ns", nest_lock_time, repetitions);
  measure("dispatch_ns", dispatch_time, repetitions);
  measure("doacross_ns", doacross_time, repetitions);
  measure("teams_us", teams_time, repetitions);
  measure("levels_us", levels_time, repetitions);
  measure("idle_ms", idle_time, 1);
  measure("memory_KiB", memory_per_worker, 1);
  return sink < 0;
}
