// Every field of the affinity format, with widths; a buffer that is too small; and the lines of OMP_DISPLAY_AFFINITY
// (run with OMP_DISPLAY_AFFINITY=true and OMP_AFFINITY_FORMAT='T%t L%L n%n/%N a%a').
#define _GNU_SOURCE
#include "check.h"
#include <sys/syscall.h>
#include <unistd.h>

static void expect(const char *format, const char *expected) {
  char text[256];
  size_t length = omp_capture_affinity(text, sizeof text, format);
  if (strcmp(text, expected)) fprintf(stderr, "%s gives %s, not %s\n", format, text, expected);
  CHECK(length == strlen(expected) && !strcmp(text, expected));
}

int main(void) {
  char text[256], host[256] = {0};
  CHECK(omp_get_affinity_format(text, sizeof text) == 18 && !strcmp(text, "T%t L%L n%n/%N a%a"));
  CHECK(omp_get_affinity_format(text, 3) == 18 && !strcmp(text, "T%"));
  CHECK(omp_get_affinity_format(NULL, 0) == 18);
  expect("%t %T %L %n %N %a %%", "0 1 0 0 1 -1 %");
  expect("%{team_num} %{num_teams} %{nesting_level} %{thread_num} %{num_threads} %{ancestor_tnum}", "0 1 0 0 1 -1");
  expect("[%4n] [%.4n] [%0.4n] [%.6a] [%0.5a]", "[0   ] [   0] [0000] [    -1] [-0001]");
  expect("%q %{nothing} %", "undefined undefined undefined");
  CHECK(omp_capture_affinity(text, sizeof text, "%4000000000n") < 10000); // no wish for memory
  snprintf(text, sizeof text, "%d|%ld", getpid(), syscall(SYS_gettid));
  expect("%P|%i", text);
  expect("%{process_id}|%{native_thread_id}", text);
  gethostname(host, sizeof host - 1);
  expect("%H", host);
  expect("%{host}", host);
  CHECK(omp_capture_affinity(text, sizeof text, "%A") >= 1 && text[0] >= '0' && text[0] <= '9');
  CHECK(omp_capture_affinity(text, 4, "abcdef") == 6 && !strcmp(text, "abc"));
#pragma omp parallel num_threads(2)
  {
    char mine[64], expected[64];
    snprintf(expected, sizeof expected, "1 %d 2 0", omp_get_thread_num());
    CHECK(omp_capture_affinity(mine, sizeof mine, "%L %n %N %a") == 7 && !strcmp(mine, expected));
  }
#pragma omp parallel num_threads(2) // nothing has changed: no lines
  ;
#pragma omp teams num_teams(2)
  expect("%T", "2");
  omp_set_affinity_format("by hand %n");
  omp_display_affinity(NULL);
  omp_display_affinity("given %N");
  return 0;
}
