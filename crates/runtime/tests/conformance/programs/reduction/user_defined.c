// declare reduction: structures, an initializer from the original, a combiner that calls a function.
//@ dynamic: yes
#include "conf.h"

struct range {
  int low, high, count;
};

static void extend(struct range *to, const struct range *from) {
  if (from->count == 0) return;
  if (to->count == 0 || from->low < to->low) to->low = from->low;
  if (to->count == 0 || from->high > to->high) to->high = from->high;
  to->count += from->count;
}

#pragma omp declare reduction(extend : struct range : extend(&omp_out, &omp_in)) initializer(omp_priv = (struct range){0, 0, 0})
#pragma omp declare reduction(plus : long, int : omp_out += omp_in) initializer(omp_priv = 0)
#pragma omp declare reduction(scaled : double : omp_out += omp_in - 1) initializer(omp_priv = omp_orig / omp_orig)

int main(void) {
  REPEAT(20) {
    struct range range = {0, 0, 0};
    long sum = 1;
    int small = 2;
    double scaled = 8;
#pragma omp parallel for reduction(extend : range) reduction(plus : sum, small) reduction(scaled : scaled)
    for (int i = -30; i < 70; i++) {
      struct range one = {i, i, 1};
      extend(&range, &one);
      sum += i;
      small++;
      scaled += 2;
    }
    CHECK(range.low == -30 && range.high == 69 && range.count == 100 && sum == 1951 && small == 102 && scaled == 208);
  }
  return 0;
}
