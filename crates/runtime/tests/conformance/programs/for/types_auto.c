// for schedule(auto): every integer type, step and comparison.
//@ dynamic: yes
#include "loops.h"

LOOP_SUITE(schedule(auto))

int main(void) {
  REPEAT(5) loop_suite();
  return 0;
}
