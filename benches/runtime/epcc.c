// Overheads of OpenMP constructs, by EPCC's method: the time of a loop of constructs around a short delay, less the time of
// the same loop of delays without the construct. Prints the file the runtime was loaded from, then one line for each construct:
// name, minimum and median over the repetitions, in microseconds.
// usage: epcc [repetitions] [group or construct...]   groups: syncbench, schedbench (schedules; chunks of 1 to 128)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static int threads;
static int delay_length;
static omp_lock_t lock;
static double sink;

static void delay(int length) {
  float a = 0.0f;
  for (int i = 0; i < length; i++) a += i;
  if (a < 0) printf("%f\n", a);
}

#define REFERENCE(n) for (int j = 0; j < (n); j++) delay(delay_length)

static void reference(int n) { REFERENCE(n); }

// What the schedules' tests do without a worksharing construct: each thread its share. The delay is a tenth of the other tests',
// lest it drown the overhead.
#define ITERATIONS 128
static int short_delay;
static void reference_loops(int n) {
  for (int j = 0; j < n; j++)
    for (int i = 0; i < ITERATIONS; i++) delay(short_delay);
}

static void reference_atomic(int n) {
  volatile double sum = 0;
  double term = 1;
  for (int j = 0; j < n; j++) {
    sum = sum + term;
    term *= 1.0001;
  }
  sink += sum;
}

static void parallel(int n) {
  for (int j = 0; j < n; j++) {
#pragma omp parallel
    delay(delay_length);
  }
}

static void loop(int n) {
#pragma omp parallel
  for (int j = 0; j < n; j++) {
#pragma omp for
    for (int i = 0; i < threads; i++) delay(delay_length);
  }
}

static void parallel_loop(int n) {
  for (int j = 0; j < n; j++) {
#pragma omp parallel for
    for (int i = 0; i < threads; i++) delay(delay_length);
  }
}

static void barrier(int n) {
#pragma omp parallel
  for (int j = 0; j < n; j++) {
    delay(delay_length);
#pragma omp barrier
  }
}

static void single(int n) {
#pragma omp parallel
  for (int j = 0; j < n; j++) {
#pragma omp single
    delay(delay_length);
  }
}

static void critical(int n) {
#pragma omp parallel
  for (int j = 0; j < n / threads; j++) {
#pragma omp critical
    delay(delay_length);
  }
}

static void locks(int n) {
#pragma omp parallel
  for (int j = 0; j < n / threads; j++) {
    omp_set_lock(&lock);
    delay(delay_length);
    omp_unset_lock(&lock);
  }
}

static void ordered(int n) {
#pragma omp parallel for ordered schedule(static, 1)
  for (int j = 0; j < n; j++) {
#pragma omp ordered
    delay(delay_length);
  }
}

static void atomic(int n) {
  double sum = 0;
#pragma omp parallel
  {
    double term = 1;
    for (int j = 0; j < n / threads; j++) {
#pragma omp atomic
      sum += term;
      term *= 1.0001;
    }
  }
  sink += sum;
}

static void reduction(int n) {
  double sum = 0;
  for (int j = 0; j < n; j++) {
#pragma omp parallel reduction(+ : sum)
    {
      delay(delay_length);
      sum += 1;
    }
  }
  sink += sum;
}

static int chunk;

static void schedule_static(int n) {
#pragma omp parallel
  for (int j = 0; j < n; j++) {
#pragma omp for schedule(static)
    for (int i = 0; i < ITERATIONS * threads; i++) delay(short_delay);
  }
}

static void schedule_static_chunk(int n) {
#pragma omp parallel
  for (int j = 0; j < n; j++) {
#pragma omp for schedule(static, chunk)
    for (int i = 0; i < ITERATIONS * threads; i++) delay(short_delay);
  }
}

static void schedule_dynamic(int n) {
#pragma omp parallel
  for (int j = 0; j < n; j++) {
#pragma omp for schedule(dynamic, chunk)
    for (int i = 0; i < ITERATIONS * threads; i++) delay(short_delay);
  }
}

static void schedule_guided(int n) {
#pragma omp parallel
  for (int j = 0; j < n; j++) {
#pragma omp for schedule(guided, chunk)
    for (int i = 0; i < ITERATIONS * threads; i++) delay(short_delay);
  }
}

enum group { SYNC, SCHED };

// A name that ends in a comma stands for the chunks of 1, 2, 4, ..., 128.
static const struct {
  enum group group;
  const char *name;
  void (*test)(int), (*base)(int);
} tests[] = {
    {SYNC, "parallel", parallel, reference},
    {SYNC, "for", loop, reference},
    {SYNC, "parallel_for", parallel_loop, reference},
    {SYNC, "barrier", barrier, reference},
    {SYNC, "single", single, reference},
    {SYNC, "critical", critical, reference},
    {SYNC, "lock", locks, reference},
    {SYNC, "ordered", ordered, reference},
    {SYNC, "atomic", atomic, reference_atomic},
    {SYNC, "reduction", reduction, reference},
    {SCHED, "static", schedule_static, reference_loops},
    {SCHED, "static,", schedule_static_chunk, reference_loops},
    {SCHED, "dynamic,", schedule_dynamic, reference_loops},
    {SCHED, "guided,", schedule_guided, reference_loops},
};

static double timed(void (*run)(int), int n) {
  double start = omp_get_wtime();
  run(n);
  return omp_get_wtime() - start;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// Pre-emptions of the process's threads so far: samples during which this changes say more about the machine.
static long preemptions(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_nivcsw;
}

static int wanted(int argc, char **argv, enum group group, const char *name) {
  for (int i = 2; i < argc; i++)
    if (!strcmp(argv[i], name) || !strcmp(argv[i], group == SYNC ? "syncbench" : "schedbench")) return 1;
  return argc <= 2;
}

// Measures one construct and prints its line.
static void measure(const char *name, int n, void (*test)(int), void (*base)(int), double *samples, int repetitions) {
  // As many constructs as take at least a third of a millisecond.
  test(n);
  for (int tries = 0; tries < 40 && n < 1 << 16; tries++)
    if (timed(test, n) < 3e-4) n *= 2;
  // With more threads than processors, pre-emption is what is measured. On a busy machine no sample may be undisturbed: after a
  // while all count, and after a while longer there are enough.
  double start = omp_get_wtime(), patience = threads > omp_get_num_procs() ? 0 : 0.5;
  int taken = 0;
  while (taken < repetitions && !(taken >= 3 && omp_get_wtime() > start + 2)) {
    long before = preemptions();
    double reference_time = timed(base, n);
    double sample = (timed(test, n) - reference_time) / n * 1e6;
    if (preemptions() == before || omp_get_wtime() > start + patience) samples[taken++] = sample;
  }
  qsort(samples, taken, sizeof(double), ascending);
  printf("%s %.4f %.4f\n", name, samples[0], samples[taken / 2]);
}

int main(int argc, char **argv) {
  int repetitions = argc > 1 ? atoi(argv[1]) : 20;
  Dl_info info;
  dladdr((void *)omp_get_wtime, &info);
  char path[4096];
  if (!realpath(info.dli_fname, path)) return 1;
  printf("library %s\n", path);
  threads = omp_get_max_threads();
  omp_init_lock(&lock);
  // A delay of about 0.1 microseconds.
  for (delay_length = 1; timed(reference, 10000) < 1e-3 && delay_length < 10000; delay_length++) {
  }
  short_delay = delay_length / 10 + 1;
  double *samples = malloc(sizeof(double) * repetitions);
  for (size_t t = 0; t < sizeof(tests) / sizeof(tests[0]); t++) {
    // Enough constructs to outweigh waking a worker that has fallen asleep.
    int n = tests[t].group == SCHED ? 64 : threads > omp_get_num_procs() ? 128 : 1024;
    if (tests[t].name[strlen(tests[t].name) - 1] != ',') {
      if (wanted(argc, argv, tests[t].group, tests[t].name))
        measure(tests[t].name, n, tests[t].test, tests[t].base, samples, repetitions);
      continue;
    }
    for (chunk = 1; chunk <= 128; chunk *= 2) {
      char name[32];
      snprintf(name, sizeof name, "%s%d", tests[t].name, chunk);
      if (wanted(argc, argv, tests[t].group, name)) measure(name, n, tests[t].test, tests[t].base, samples, repetitions);
    }
  }
  return sink < 0;
}
