// distribute parallel for (simd), with schedules, reductions, collapse and if.
#include "conf.h"

int main(void) {
  int hits[500] = {0};
  long sum = 0;
#pragma omp teams distribute parallel for num_teams(3)
  for (int i = 0; i < 500; i++) hits[i]++;
#pragma omp teams distribute parallel for num_teams(3) schedule(dynamic, 3) dist_schedule(static, 20)
  for (int i = 0; i < 500; i++) hits[i]++;
#pragma omp teams distribute parallel for num_teams(2) reduction(+ : sum) num_threads(3)
  for (int i = 0; i < 500; i++) sum += i;
#pragma omp teams distribute parallel for simd num_teams(2) if (parallel : sum == 0)
  for (int i = 0; i < 500; i++) hits[i]++;
#pragma omp teams distribute simd num_teams(2)
  for (int i = 0; i < 500; i++) hits[i]++;
#pragma omp teams distribute parallel for collapse(2) num_teams(2)
  for (int i = 0; i < 50; i++)
    for (int j = 0; j < 10; j++) hits[i * 10 + j]++;
  for (int i = 0; i < 500; i++) CHECK(hits[i] == 5);
  CHECK(sum == 499 * 250);
  return 0;
}
