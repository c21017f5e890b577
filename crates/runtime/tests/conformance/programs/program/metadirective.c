// metadirective: user conditions, implementation and device selectors, scores and otherwise.
//@ gcc: no, gcc 12 does not know it
//@ dynamic: yes
#include "conf.h"

int main(void) {
  int count = 0, alone = 0;
  omp_set_dynamic(0);
#pragma omp metadirective when(user = {condition(1)} : parallel num_threads(3)) otherwise(nothing)
#pragma omp atomic
  count++;
#pragma omp metadirective when(user = {condition(0)} : parallel num_threads(3)) otherwise(nothing)
  alone++;
  CHECK(count == 3 && alone == 1);
  int hits[10] = {0}, vendor = 0;
#pragma omp metadirective when(device = {kind(nohost)} : nothing) when(device = {kind(host)} : parallel for) otherwise(nothing)
  for (int i = 0; i < 10; i++) hits[i]++;
  for (int i = 0; i < 10; i++) CHECK(hits[i] == 1);
#pragma omp metadirective when(implementation = {vendor(score(5) : llvm)} : parallel num_threads(2)) \
    when(implementation = {vendor(gnu)} : parallel num_threads(5)) otherwise(nothing)
#pragma omp atomic
  vendor++;
  CHECK(vendor == 2);
  return 0;
}
