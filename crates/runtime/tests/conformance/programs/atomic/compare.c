// atomic compare: minimum, maximum and conditional assignment.
//@ gcc: no, every form before gcc 13
//@ dynamic: yes
#include "conf.h"

int main(void) {
  REPEAT(20) {
    int least = 1000, most = -1000, first = -1;
    double real_most = -1;
    unsigned long wide = 0;
#pragma omp parallel for
    for (int i = 0; i < 500; i++) {
      int value = (i * 37) % 499;
      unsigned long wide_value = value;
#pragma omp atomic compare
      if (value < least) least = value;
#pragma omp atomic compare
      most = most < value ? value : most;
#pragma omp atomic compare
      if (real_most < value) real_most = value;
#pragma omp atomic compare
      if (first == -1) first = value;
#pragma omp atomic compare
      if (wide < wide_value) wide = wide_value;
    }
    CHECK(least == 0 && most == 498 && real_most == 498 && wide == 498 && first >= 0 && first < 499);
  }
  return 0;
}
