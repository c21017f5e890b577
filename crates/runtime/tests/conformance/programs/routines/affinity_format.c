// omp_set_affinity_format, get, capture and display.
//@ threads: 1 4
//@ stderr: shown by 0
#include "conf.h"

int main(void) {
  char text[100];
  omp_set_affinity_format("thread %n of %N, level %L, padded %0.5n|");
  size_t length = omp_get_affinity_format(text, sizeof text);
  CHECK(length == strlen("thread %n of %N, level %L, padded %0.5n|") && strncmp(text, "thread %n", 9) == 0);
  CHECK(omp_get_affinity_format(text, 8) == length && strcmp(text, "thread ") == 0);
#pragma omp parallel
  {
    char mine[100], expected[100];
    size_t needed = omp_capture_affinity(mine, sizeof mine, NULL);
    snprintf(expected, sizeof expected, "thread %d of %d, level 1, padded %05d|", omp_get_thread_num(), omp_get_num_threads(),
             omp_get_thread_num());
    CHECK(strcmp(mine, expected) == 0 && needed == strlen(expected));
    CHECK(omp_capture_affinity(mine, 5, "%{thread_num}") == 1 + (omp_get_thread_num() > 9));
  }
  omp_display_affinity("shown by %{thread_num}");
  return 0;
}
