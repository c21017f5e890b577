// for schedule(guided, 5): every integer type, step and comparison.
//@ dynamic: yes
#include "loops.h"

LOOP_SUITE(schedule(guided, 5))

int main(void) {
  REPEAT(5) loop_suite();
  return 0;
}
