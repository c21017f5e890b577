// What tasks leave behind: the resident memory in KiB before and after ten million tasks of every sort, each sort run for a
// while before its first reading.  Prints `NAME BEFORE AFTER`.  usage: memory [tasks]
#include "program.h"

static long resident(void) {
  FILE *status = fopen("/proc/self/status", "r");
  char line[256];
  long kibibytes = -1;
  while (status && fgets(line, sizeof line, status))
    if (sscanf(line, "VmRSS: %ld", &kibibytes) == 1) break;
  if (status) fclose(status);
  require(kibibytes > 0, "VmRSS of /proc/self/status");
  return kibibytes;
}

static long executed;

static void count(void) {
#pragma omp atomic
  executed++;
}

// Batches with a taskwait, every thread generates.
static void batches(long n) {
#pragma omp parallel
  {
    long mine = n / omp_get_num_threads() + (omp_get_thread_num() < n % omp_get_num_threads());
    for (long i = 0; i < mine; i++) {
#pragma omp task
      count();
      if (i % 1000 == 999) {
#pragma omp taskwait
      }
    }
  }
}

// One thread generates all, nothing waits before the end.
static void stream(long n) {
#pragma omp parallel
#pragma omp single
  for (long i = 0; i < n; i++) {
#pragma omp task
    count();
  }
}

// One thread generates, tasks depend on earlier ones.
static void dependent(long n) {
  static char cells[256];
#pragma omp parallel
#pragma omp single
  for (long i = 0; i < n; i++) {
#pragma omp task depend(inout : cells[i % 256]) depend(in : cells[i * 7 % 256])
    count();
    if (i % 100000 == 99999) {
#pragma omp taskwait
    }
  }
}

// Regions, each with a few tasks that depend on each other.
static void regions(long n) {
  for (long done = 0; done < n; done += 8) {
#pragma omp parallel
#pragma omp single nowait
    for (int i = 0; i < 8; i++) {
#pragma omp task depend(inout : executed)
      count();
    }
  }
}

static void report(const char *name, void (*run)(long), long n) {
  executed = 0;
  run(200000);
  long before = resident();
  run(n);
  long after = resident();
  require(executed == n + 200000, "number of tasks executed");
  printf("%s %ld %ld\n", name, before, after);
}

int main(int argc, char **argv) {
  long n = argument(argc, argv, 1, 10000000) / 8 * 8;
  print_library();
  report("batches", batches, n);
  report("stream", stream, n);
  report("dependent", dependent, n / 80 * 8);
  report("regions", regions, n / 80 * 8);
}
