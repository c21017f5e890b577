// threadprivate variables, also where the compiler asks the runtime for the copies.
#include "check.h"

static int number = 5;
static struct {
  double values[7];
  char text[9];
} record = {{1, 2, 3}, "initial"};
#pragma omp threadprivate(number, record)

int main(void) {
  FOR_SIZES(n) {
    for (int round = 0; round < 5; round++) {
      number = 5 + round;
      strcpy(record.text, "shared");
#pragma omp parallel num_threads(n) copyin(number, record)
      {
        CHECK(number == 5 + round && !strcmp(record.text, "shared"));
        number = 100 + omp_get_thread_num();
        record.values[6] = omp_get_thread_num();
      }
#pragma omp parallel num_threads(n)
      CHECK(number == 100 + omp_get_thread_num() && record.values[6] == omp_get_thread_num());
      CHECK(number == 100);
    }
  }
  return 0;
}
