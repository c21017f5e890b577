// Overheads of OpenMP constructs, by EPCC's method: the time of a loop of constructs around a short delay, less the time of
// the same loop of delays without the construct. Prints the file the runtime was loaded from, then one line for each construct:
// name, minimum and median over the repetitions, in microseconds.  usage: epcc [repetitions] [construct...]
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

// A loop of eight chunks per thread, for the schedules.
static void reference_chunks(int n) {
  for (int j = 0; j < n; j++)
    for (int i = 0; i < 8; i++) delay(delay_length);
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

static void schedule_static(int n) {
#pragma omp parallel
  for (int j = 0; j < n; j++) {
#pragma omp for schedule(static, 1)
    for (int i = 0; i < 8 * threads; i++) delay(delay_length);
  }
}

static void schedule_dynamic(int n) {
#pragma omp parallel
  for (int j = 0; j < n; j++) {
#pragma omp for schedule(dynamic, 1)
    for (int i = 0; i < 8 * threads; i++) delay(delay_length);
  }
}

static void schedule_guided(int n) {
#pragma omp parallel
  for (int j = 0; j < n; j++) {
#pragma omp for schedule(guided, 1)
    for (int i = 0; i < 8 * threads; i++) delay(delay_length);
  }
}

static const struct {
  const char *name;
  void (*test)(int), (*base)(int);
} tests[] = {
    {"parallel", parallel, reference},
    {"for", loop, reference},
    {"parallel_for", parallel_loop, reference},
    {"barrier", barrier, reference},
    {"single", single, reference},
    {"critical", critical, reference},
    {"lock", locks, reference},
    {"ordered", ordered, reference},
    {"reduction", reduction, reference},
    {"static,1", schedule_static, reference_chunks},
    {"dynamic,1", schedule_dynamic, reference_chunks},
    {"guided,1", schedule_guided, reference_chunks},
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
  double *samples = malloc(sizeof(double) * repetitions);
  for (size_t t = 0; t < sizeof(tests) / sizeof(tests[0]); t++) {
    int wanted = argc <= 2;
    for (int i = 2; i < argc; i++) wanted |= !strcmp(argv[i], tests[t].name);
    if (!wanted) continue;
    // As many constructs as take at least a third of a millisecond, and enough to outweigh waking a worker.
    int n = 1024;
    tests[t].test(n);
    for (int tries = 0; tries < 40 && n < 1 << 16; tries++)
      if (timed(tests[t].test, n) < 3e-4) n *= 2;
    // On a busy machine no sample may be undisturbed: after a while all count.
    double patience = omp_get_wtime() + 2;
    for (int r = 0; r < repetitions;) {
      long before = preemptions();
      double base = timed(tests[t].base, n);
      double sample = (timed(tests[t].test, n) - base) / n * 1e6;
      if (preemptions() == before || omp_get_wtime() > patience) samples[r++] = sample;
    }
    qsort(samples, repetitions, sizeof(double), ascending);
    printf("%s %.4f %.4f\n", tests[t].name, samples[0], samples[repetitions / 2]);
  }
  return sink < 0;
}
