// collapse of loops whose bounds depend on the outer variable: triangles and trapezoids, each schedule.
//@ dynamic: yes
//@ gcc: no, not all shapes before gcc 13
#include "conf.h"

#define SHAPE(name, clauses, outer, inner)                        \
  static void name(void) {                                        \
    static unsigned char hits[64][128], expected[64][128];        \
    memset(hits, 0, sizeof hits);                                 \
    memset(expected, 0, sizeof expected);                         \
    for outer for inner expected[i][j + 32]++;                    \
    _Pragma("omp parallel") {                                     \
      _Pragma(clauses) for outer for inner hits[i][j + 32]++;     \
    }                                                             \
    CHECK(memcmp(hits, expected, sizeof hits) == 0);              \
  }

#define SHAPES(suffix, clauses)                                                                        \
  SHAPE(lower##suffix, clauses, (int i = 0; i < 40; i++), (int j = 0; j < i; j++))                     \
  SHAPE(lower_equal##suffix, clauses, (int i = 0; i < 40; i++), (int j = 0; j <= i; j++))              \
  SHAPE(upper##suffix, clauses, (int i = 0; i < 40; i++), (int j = i; j < 40; j++))                    \
  SHAPE(steps##suffix, clauses, (int i = 1; i < 40; i += 3), (int j = i; j < 2 * i + 5; j += 2))       \
  SHAPE(down##suffix, clauses, (int i = 39; i >= 0; i--), (int j = i; j > -3; j--))                    \
  SHAPE(trapezoid##suffix, clauses, (int i = 0; i < 20; i++), (int j = -i; j < i + 4; j++))            \
  SHAPE(mostly_empty##suffix, clauses, (int i = 0; i < 30; i++), (int j = 0; j < i - 25; j++))

SHAPES(_static, "omp for collapse(2)")
SHAPES(_chunk, "omp for collapse(2) schedule(static, 3)")
SHAPES(_dynamic, "omp for collapse(2) schedule(dynamic, 2)")
SHAPES(_guided, "omp for collapse(2) schedule(guided)")

#define ALL(suffix) \
  lower##suffix(), lower_equal##suffix(), upper##suffix(), steps##suffix(), down##suffix(), trapezoid##suffix(), mostly_empty##suffix()

int main(void) {
  REPEAT(3) {
    ALL(_static), ALL(_chunk), ALL(_dynamic), ALL(_guided);
  }
  return 0;
}
