// Target regions of GCC's, which run on the host: as a contention group of their own, with copies of firstprivate variables.
#include "check.h"

static double array[100];

int main(void) {
  int x = 1, y = 2, level = -1, threads = 0, teams = 0, late = 0;
  struct {
    long v[20];
  } big = {{7}};
#pragma omp parallel num_threads(2)
#pragma omp single
  {
#pragma omp target map(tofrom : x, level) firstprivate(y, big)
    {
      x += y + (int)big.v[0];
      y = 100;
      big.v[0] = 0;
      level = omp_get_level();
    }
  }
  CHECK(x == 10 && y == 2 && big.v[0] == 7 && level == 0);
#pragma omp target map(from : threads) thread_limit(3)
  {
    threads = omp_get_thread_limit();
  }
  CHECK(threads == 3);
  CHECK(omp_get_thread_limit() > 3);
#pragma omp target teams num_teams(4) thread_limit(2) reduction(+ : teams)
  teams += omp_get_num_teams() >= 1 && omp_get_team_num() < omp_get_num_teams();
  CHECK(teams >= 1 && teams <= 4);
#pragma omp target data map(to : array)
  {
#pragma omp target teams distribute parallel for
    for (int i = 0; i < 100; i++) array[i] = i;
#pragma omp target update from(array)
  }
  for (int i = 0; i < 100; i++) CHECK(array[i] == i);
#pragma omp parallel
#pragma omp single
  {
#pragma omp task depend(out : late)
    late = 1;
#pragma omp target nowait depend(inout : late) map(tofrom : late)
    late += 10;
#pragma omp target enter data map(to : late) depend(inout : late)
#pragma omp target update to(late) depend(inout : late)
#pragma omp target exit data map(from : late) depend(inout : late)
#pragma omp taskwait
  }
  CHECK(late == 11);
  int count = 0, sum = 0;
#pragma omp teams num_teams(3) reduction(+ : count)
  count += omp_get_team_num() < 3;
  CHECK(count == 3);
#pragma omp teams distribute parallel for num_teams(3) reduction(+ : sum)
  for (int i = 0; i < 1000; i++) sum += i;
  CHECK(sum == 499500);
  return 0;
}
