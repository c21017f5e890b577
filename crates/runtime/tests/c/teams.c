// Leagues: number of teams, thread limits, distributed loops, reductions over the league, host fallback of target teams.
#include "check.h"

// num_teams(lower : upper), which Clang does not read yet.
extern int __kmpc_global_thread_num(void *);
extern void __kmpc_push_num_teams_51(void *, int, int, int, int);

static void sizes_and_numbers(void) {
  FOR_SIZES(n) {
    int ran[17] = {0};
#pragma omp teams num_teams(n)
    {
      CHECK(omp_get_num_teams() == n && omp_get_team_num() >= 0 && omp_get_team_num() < n);
      CHECK(omp_get_num_threads() == 1 && omp_get_thread_num() == 0 && omp_get_level() == 0 && !omp_in_parallel());
#pragma omp atomic
      ran[omp_get_team_num()]++;
    }
    for (int team = 0; team < n; team++) CHECK(ran[team] == 1);
    CHECK(omp_get_num_teams() == 1 && omp_get_team_num() == 0);
  }
  int league = 0;
  __kmpc_push_num_teams_51(NULL, __kmpc_global_thread_num(NULL), 2, 5, 0);
#pragma omp teams
  if (omp_get_team_num() == 0) league = omp_get_num_teams();
  CHECK(league >= 2 && league <= 5);
#pragma omp teams
  if (omp_get_team_num() == 0) league = omp_get_num_teams();
  CHECK(league == 3 && omp_get_max_teams() == 3); // OMP_NUM_TEAMS
  omp_set_num_teams(4);
#pragma omp teams
  if (omp_get_team_num() == 0) league = omp_get_num_teams();
  CHECK(league == 4 && omp_get_max_teams() == 4);
  omp_set_num_teams(0);
}

static void limits(void) {
  int before = omp_get_thread_limit();
#pragma omp teams num_teams(2) thread_limit(3)
  {
    CHECK(omp_get_thread_limit() == 3);
    int threads = 0, team = omp_get_team_num();
#pragma omp parallel num_threads(8) reduction(+ : threads)
    {
      CHECK(omp_get_num_threads() == 3 && omp_get_level() == 1 && omp_get_team_num() == team);
      threads++;
    }
    CHECK(threads == 3);
  }
  omp_set_teams_thread_limit(2);
  CHECK(omp_get_teams_thread_limit() == 2);
#pragma omp teams num_teams(2)
  CHECK(omp_get_thread_limit() == 2);
  omp_set_teams_thread_limit(0);
  CHECK(omp_get_thread_limit() == before);
}

static void reductions(void) {
  for (int repetition = 0; repetition < 50; repetition++) FOR_SIZES(n) {
    int sum = 0, largest = -1;
    double product = 1;
    struct { long a[9]; } unused;
    (void)unused;
#pragma omp teams num_teams(n) thread_limit(2) reduction(+ : sum) reduction(max : largest) reduction(* : product)
    {
      int part = 0;
#pragma omp parallel num_threads(2) reduction(+ : part)
      part += 1;
      sum += part;
      largest = omp_get_team_num();
      product *= 2;
    }
    CHECK(sum == 2 * n && largest == n - 1 && product == (double)(1 << n));
    long total[40] = {0};
#pragma omp teams num_teams(n) reduction(+ : total)
    for (int i = 0; i < 40; i++) total[i] += i;
    for (int i = 0; i < 40; i++) CHECK(total[i] == (long)i * n);
    long count = 0;
#pragma omp teams distribute parallel for num_teams(n) thread_limit(2) reduction(+ : count)
    for (int i = 0; i < 1000; i++) count += i;
    CHECK(count == 499500);
  }
}

#define TRIPS 103
static int hits[TRIPS], owner[TRIPS];
static void clear(void) { memset(hits, 0, sizeof hits); }
static void all_once(void) {
  for (int i = 0; i < TRIPS; i++) CHECK(hits[i] == 1);
}

static void loops(void) {
  FOR_SIZES(n) {
    clear();
#pragma omp teams distribute num_teams(n)
    for (int i = 0; i < TRIPS; i++) { hits[i]++; owner[i] = omp_get_team_num(); }
    all_once();
    for (int i = 1; i < TRIPS; i++) CHECK(owner[i] >= owner[i - 1]);
    clear();
#pragma omp teams distribute num_teams(n) dist_schedule(static, 5)
    for (int i = 0; i < TRIPS; i++) { hits[i]++; owner[i] = omp_get_team_num(); }
    all_once();
    for (int i = 0; i < TRIPS; i++) CHECK(owner[i] == i / 5 % n);
    clear();
#pragma omp teams distribute parallel for num_teams(n) thread_limit(3)
    for (int i = TRIPS - 1; i >= 0; i--) hits[i]++;
    all_once();
    clear();
#pragma omp teams distribute parallel for num_teams(n) thread_limit(3) dist_schedule(static, 7) schedule(static, 2)
    for (int i = 0; i < TRIPS; i++) hits[i]++;
    all_once();
    clear();
#pragma omp teams distribute parallel for num_teams(n) thread_limit(3) schedule(dynamic, 3)
    for (int i = 0; i < TRIPS; i++) hits[i]++;
    all_once();
    clear();
#pragma omp teams distribute parallel for num_teams(n) thread_limit(2) schedule(guided) collapse(2)
    for (int i = 0; i < TRIPS; i++)
      for (unsigned long j = 0; j < 1; j++) hits[i]++;
    all_once();
    clear();
    int last = -1, first = 3;
#pragma omp teams num_teams(n)
#pragma omp distribute lastprivate(last) firstprivate(first)
    for (long i = 0; i < TRIPS; i++) {
      hits[i] += first - 2;
      last = (int)i;
    }
    all_once();
    (void)last;
    clear();
#pragma omp teams distribute parallel for num_teams(n) thread_limit(2) lastprivate(last)
    for (int i = 0; i < TRIPS; i++) { hits[i]++; last = i; }
    all_once();
    CHECK(last == TRIPS - 1);
    clear();
#pragma omp teams loop num_teams(n)
    for (int i = 0; i < TRIPS; i++) hits[i]++;
    all_once();
    // An empty loop, and one shorter than the league.
#pragma omp teams distribute parallel for num_teams(n)
    for (int i = 5; i < 5; i++) CHECK(0);
    clear();
#pragma omp teams distribute parallel for num_teams(n)
    for (int i = 0; i < 2; i++) {
#pragma omp atomic
      hits[i]++;
    }
    CHECK(hits[0] == 1 && hits[1] == 1);
  }
}

static void many_variables(void) {
  int a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, sum = 0;
#pragma omp teams num_teams(3) reduction(+ : sum) firstprivate(a, b, c, d, e, f, g)
  sum += a + b + c + d + e + f + g;
  CHECK(sum == 84);
}

static void on_the_host_device(void) {
  int values[100] = {0};
#pragma omp target teams distribute parallel for num_teams(2) thread_limit(2) map(tofrom : values)
  for (int i = 0; i < 100; i++) values[i] += i;
  for (int i = 0; i < 100; i++) CHECK(values[i] == i);
  // A target region in each thread of a parallel region, each with a league of its own.
  int sum = 0;
#pragma omp parallel num_threads(4) reduction(+ : sum)
  {
    int teams = 0;
#pragma omp target teams num_teams(3) map(tofrom : teams) reduction(+ : teams)
    teams++;
    sum += teams;
  }
  CHECK(sum == 12);
}

int main(void) {
  sizes_and_numbers();
  limits();
  reductions();
  loops();
  many_variables();
  on_the_host_device();
  return 0;
}
