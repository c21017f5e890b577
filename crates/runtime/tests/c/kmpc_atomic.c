// Every `__kmpc_atomic_*` function: what it does to its variable and returns, and that updates of a team do not get lost.
#include "check.h"
#include <complex.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

typedef float complex single;
typedef double complex double_complex;
typedef long double complex extended_complex;
typedef long double extended;

#define CALL(name) __kmpc_atomic_##name

// The plain and the capturing form of one operation, from x and y to the result.
#define OPERATION(type, name, capture, x0, y0, result)             \
  {                                                                \
    extern void CALL(name)(void *, int, type *, type);             \
    extern type CALL(capture)(void *, int, type *, type, int);     \
    type x = x0;                                                   \
    CALL(name)(0, 0, &x, y0);                                      \
    CHECK(x == (type)(result));                                    \
    x = x0;                                                        \
    CHECK(CALL(capture)(0, 0, &x, y0, 0) == (type)(x0));           \
    CHECK(x == (type)(result));                                    \
    x = x0;                                                        \
    CHECK(CALL(capture)(0, 0, &x, y0, 1) == (type)(result));       \
  }
#define BOTH(type, t, op, x, y, result) OPERATION(type, t##_##op, t##_##op##_cpt, x, y, result)
#define REVERSED(type, t, op, x, y, result) OPERATION(type, t##_##op##_rev, t##_##op##_cpt_rev, x, y, result)

#define ARITHMETIC(type, t)              \
  BOTH(type, t, add, 20, 3, 23)          \
  BOTH(type, t, sub, 20, 3, 17)          \
  BOTH(type, t, mul, 20, 3, 60)          \
  BOTH(type, t, div, 20, 4, 5)           \
  REVERSED(type, t, sub, 20, 3, -17)     \
  REVERSED(type, t, div, 4, 20, 5)

#define ORDER(type, t)                   \
  BOTH(type, t, max, -20, 3, 3)          \
  BOTH(type, t, max, 20, -3, 20)         \
  BOTH(type, t, min, -20, 3, -20)        \
  BOTH(type, t, min, 20, -3, -3)

#define ACCESS(type, t)                                          \
  {                                                              \
    extern type CALL(t##_rd)(void *, int, type *);               \
    extern void CALL(t##_wr)(void *, int, type *, type);         \
    extern type CALL(t##_swp)(void *, int, type *, type);        \
    type x = 7;                                                  \
    CHECK(CALL(t##_rd)(0, 0, &x) == 7 && x == 7);                \
    CALL(t##_wr)(0, 0, &x, 9);                                   \
    CHECK(x == 9);                                               \
    CHECK(CALL(t##_swp)(0, 0, &x, 11) == 9 && x == 11);          \
  }

#define FLOAT8(type, t, op, result)                              \
  {                                                              \
    extern void CALL(t##_##op##_float8)(void *, int, type *, double); \
    type x = 20;                                                 \
    CALL(t##_##op##_float8)(0, 0, &x, 2.5);                      \
    CHECK(x == (type)(result));                                  \
  }

#define FIXED(type, t)                   \
  ARITHMETIC(type, t)                    \
  ORDER(type, t)                         \
  ACCESS(type, t)                        \
  BOTH(type, t, andb, 12, 10, 8)         \
  BOTH(type, t, orb, 12, 10, 14)         \
  BOTH(type, t, xor, 12, 10, 6)          \
  BOTH(type, t, shl, 5, 2, 20)           \
  REVERSED(type, t, shl, 2, 5, 20)       \
  BOTH(type, t, shr, -16, 2, -4)         \
  REVERSED(type, t, shr, 2, -16, -4)     \
  BOTH(type, t, andl, 4, 2, 1)           \
  BOTH(type, t, andl, 4, 0, 0)           \
  BOTH(type, t, orl, 0, 8, 1)            \
  BOTH(type, t, orl, 0, 0, 0)            \
  BOTH(type, t, eqv, 12, 10, ~6)         \
  BOTH(type, t, neqv, 12, 10, 6)         \
  BOTH(type, t, add, (type)~(1ull << (8 * sizeof(type) - 1)), 1, 1ull << (8 * sizeof(type) - 1)) \
  FLOAT8(type, t, mul, 50)               \
  FLOAT8(type, t, div, 8)

#define UNSIGNED(type, t)                                \
  BOTH(type, t, div, (type)-2, 2, (type)-2 / 2)          \
  REVERSED(type, t, div, 2, (type)-2, (type)-2 / 2)      \
  BOTH(type, t, shr, (type)-2, 1, (type)-2 / 2)          \
  REVERSED(type, t, shr, 1, (type)-2, (type)-2 / 2)

static void integers(void) {
  FIXED(int8_t, fixed1)
  FIXED(int16_t, fixed2)
  FIXED(int32_t, fixed4)
  FIXED(int64_t, fixed8)
  UNSIGNED(uint8_t, fixed1u)
  UNSIGNED(uint16_t, fixed2u)
  UNSIGNED(uint32_t, fixed4u)
  UNSIGNED(uint64_t, fixed8u)
}

static void reals(void) {
  ARITHMETIC(float, float4)
  ORDER(float, float4)
  ACCESS(float, float4)
  FLOAT8(float, float4, add, 22.5)
  FLOAT8(float, float4, sub, 17.5)
  FLOAT8(float, float4, mul, 50)
  FLOAT8(float, float4, div, 8)
  ARITHMETIC(double, float8)
  ORDER(double, float8)
  ACCESS(double, float8)
#if defined __x86_64__
  ARITHMETIC(extended, float10)
  ORDER(extended, float10)
  ACCESS(extended, float10)
  // All 64 bits of the fraction are there.
  BOTH(extended, float10, add, 0x1p63L, 1, 0x1p63L + 1)
#endif
}

#define COMPLEX(type, t)                                                \
  BOTH(type, t, add, 1 + 2 * I, 3 - 4 * I, 4 - 2 * I)                   \
  BOTH(type, t, sub, 1 + 2 * I, 3 - 4 * I, -2 + 6 * I)                  \
  REVERSED(type, t, sub, 1 + 2 * I, 3 - 4 * I, 2 - 6 * I)               \
  BOTH(type, t, mul, 1 + 2 * I, 3 - 4 * I, 11 + 2 * I)                  \
  BOTH(type, t, div, 11 + 2 * I, 3 - 4 * I, 1 + 2 * I)                  \
  BOTH(type, t, div, 11 + 2 * I, 4 + 3 * I, 2 - 1 * I)                  \
  REVERSED(type, t, div, 3 - 4 * I, 11 + 2 * I, 1 + 2 * I)

// Those of two floats capture through a pointer: adapted to the form of the others.
#define ADAPT(op, suffix)                                                                            \
  extern void CALL(cmplx4_##op##suffix)(void *, int, single *, single);                              \
  extern void CALL(cmplx4_##op##_cpt##suffix)(void *, int, single *, single, single *, int);         \
  void __kmpc_atomic_pair_##op##suffix(void *loc, int gtid, single *x, single y) {                   \
    CALL(cmplx4_##op##suffix)(loc, gtid, x, y);                                                      \
  }                                                                                                  \
  single __kmpc_atomic_pair_##op##_cpt##suffix(void *loc, int gtid, single *x, single y, int flag) { \
    single captured;                                                                                 \
    CALL(cmplx4_##op##_cpt##suffix)(loc, gtid, x, y, &captured, flag);                               \
    return captured;                                                                                 \
  }
ADAPT(add, )
ADAPT(sub, )
ADAPT(mul, )
ADAPT(div, )
ADAPT(sub, _rev)
ADAPT(div, _rev)

extern single __kmpc_atomic_cmplx4_rd(void *, int, single *);
extern void __kmpc_atomic_cmplx4_wr(void *, int, single *, single);
extern void __kmpc_atomic_cmplx4_swp(void *, int, single *, single, single *);
single __kmpc_atomic_pair_rd(void *loc, int gtid, single *x) { return __kmpc_atomic_cmplx4_rd(loc, gtid, x); }
void __kmpc_atomic_pair_wr(void *loc, int gtid, single *x, single y) { __kmpc_atomic_cmplx4_wr(loc, gtid, x, y); }
single __kmpc_atomic_pair_swp(void *loc, int gtid, single *x, single y) {
  single captured;
  __kmpc_atomic_cmplx4_swp(loc, gtid, x, y, &captured);
  return captured;
}

#define WIDER(op, result)                                                                 \
  {                                                                                       \
    extern void CALL(cmplx4_##op##_cmplx8)(void *, int, single *, double_complex);        \
    single x = 11 + 2 * I;                                                                \
    CALL(cmplx4_##op##_cmplx8)(0, 0, &x, 3 - 4 * I);                                      \
    CHECK(x == (single)(result));                                                         \
  }

static void complexes(void) {
  COMPLEX(single, pair)
  ACCESS(single, pair)
  WIDER(add, 14 - 2 * I)
  WIDER(sub, 8 + 6 * I)
  WIDER(mul, 41 - 38 * I)
  WIDER(div, 1 + 2 * I)
  COMPLEX(double_complex, cmplx8)
  ACCESS(double_complex, cmplx8)
  // Squares of these overflow.
  BOTH(double_complex, cmplx8, div, 1e300, 1e300, 1)
#if defined __x86_64__
  COMPLEX(extended_complex, cmplx10)
  ACCESS(extended_complex, cmplx10)
#endif
}

#define COMPARE(type, size)                                                                            \
  {                                                                                                    \
    extern bool CALL(bool_##size##_cas)(void *, int, type *, type, type);                              \
    extern type CALL(val_##size##_cas)(void *, int, type *, type, type);                               \
    extern bool CALL(bool_##size##_cas_cpt)(void *, int, type *, type, type, type *);                  \
    extern type CALL(val_##size##_cas_cpt)(void *, int, type *, type, type, type *);                   \
    type x = 5, captured = 100;                                                                        \
    CHECK(!CALL(bool_##size##_cas)(0, 0, &x, 6, 7) && x == 5);                                         \
    CHECK(CALL(bool_##size##_cas)(0, 0, &x, 5, 7) && x == 7);                                          \
    CHECK(CALL(val_##size##_cas)(0, 0, &x, 5, 8) == 7 && x == 7);                                      \
    CHECK(CALL(val_##size##_cas)(0, 0, &x, 7, 8) == 7 && x == 8);                                      \
    CHECK(CALL(bool_##size##_cas_cpt)(0, 0, &x, 8, 9, &captured) && x == 9 && captured == 100);        \
    CHECK(!CALL(bool_##size##_cas_cpt)(0, 0, &x, 8, 10, &captured) && x == 9 && captured == 9);        \
    CHECK(CALL(val_##size##_cas_cpt)(0, 0, &x, 9, 10, &captured) == 9 && x == 10 && captured == 10);   \
    CHECK(CALL(val_##size##_cas_cpt)(0, 0, &x, 9, 11, &captured) == 10 && x == 10 && captured == 10);  \
  }

static void exchanges(void) {
  COMPARE(int8_t, 1)
  COMPARE(int16_t, 2)
  COMPARE(int32_t, 4)
  COMPARE(int64_t, 8)
}

#define GENERAL(size)                                                                                          \
  static void combine_##size(void *result, void *x, void *y) {                                                 \
    unsigned char *to = result, *from = x, *add = y;                                                           \
    for (int i = 0; i < size; i++) to[i] = from[i] + add[i];                                                   \
  }                                                                                                            \
  extern void __kmpc_atomic_##size(void *, int, void *, void *, void (*)(void *, void *, void *));             \
  static void general_##size(int n) {                                                                          \
    _Alignas(16) unsigned char x[32] = {0}, y[32];                                                             \
    memset(y, 1, sizeof y);                                                                                    \
    _Pragma("omp parallel num_threads(n)") for (int i = 0; i < 100; i++)                                       \
        __kmpc_atomic_##size(0, 0, x, y, combine_##size);                                                      \
    for (int i = 0; i < 32; i++) CHECK(x[i] == (unsigned char)(i < size ? n * 100 : 0));                       \
  }
GENERAL(1)
GENERAL(2)
GENERAL(4)
GENERAL(8)
GENERAL(10)
GENERAL(16)
GENERAL(20)
GENERAL(32)

// Nothing gets lost, wherever the variable lies.
#define LOST(type, t)                                                               \
  {                                                                                 \
    extern void CALL(t##_add)(void *, int, type *, type);                           \
    for (int shift = 0; shift < 2; shift++) {                                       \
      _Alignas(64) char memory[64] = {0};                                           \
      type *x = (type *)(memory + 16 + shift * (_Alignof(type) / 2));               \
      _Pragma("omp parallel num_threads(n)") for (int i = 0; i < 500; i++)          \
          CALL(t##_add)(0, 0, x, 1);                                                \
      type result;                                                                  \
      memcpy(&result, x, sizeof result);                                            \
      CHECK(result == (type)(500 * n));                                             \
    }                                                                               \
  }

extern void __kmpc_atomic_start(void), __kmpc_atomic_end(void);

static void contended(int n) {
  LOST(int8_t, fixed1)
  LOST(int16_t, fixed2)
  LOST(int32_t, fixed4)
  LOST(int64_t, fixed8)
  LOST(float, float4)
  LOST(double, float8)
  LOST(double_complex, cmplx8)
#if defined __x86_64__
  LOST(extended, float10)
  LOST(extended_complex, cmplx10)
#endif
  int x = 0;
#pragma omp parallel num_threads(n)
  for (int i = 0; i < 500; i++) {
    __kmpc_atomic_start();
    x++;
    __kmpc_atomic_end();
  }
  CHECK(x == 500 * n);
}

int main(void) {
  integers();
  reals();
  complexes();
  exchanges();
  FOR_SIZES(n) {
    general_1(n), general_2(n), general_4(n), general_8(n);
    general_10(n), general_16(n), general_20(n), general_32(n);
    contended(n);
  }
  return 0;
}
