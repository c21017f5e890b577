// for ordered: every integer type, step and comparison.
//@ dynamic: yes
#include "loops.h"

LOOP_SUITE(ordered schedule(dynamic, 2))

int main(void) {
  REPEAT(2) loop_suite();
  return 0;
}
