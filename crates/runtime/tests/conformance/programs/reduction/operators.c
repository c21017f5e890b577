// reduction with every predefined operator, on every arithmetic type.
//@ dynamic: yes
#include "loops.h"

#define ARITHMETIC(type, name)                                                                          \
  static void name(void) {                                                                              \
    type sum = 5, product = 2, least = 50, most = 7;                                                    \
    int all = 1, any = 0, none = 0, not_all = 1;                                                        \
    PRAGMA(omp parallel for reduction(+ : sum) reduction(* : product) reduction(min : least)            \
           reduction(max : most) reduction(&& : all, not_all) reduction(|| : any, none))                \
    for (int i = 1; i <= 60; i++) {                                                                     \
      sum += (type)1;                                                                                   \
      if (i % 12 == 0) product *= (type)2;                                                              \
      least = (type)i < least ? (type)i : least;                                                        \
      most = (type)i > most ? (type)i : most;                                                           \
      all = all && i > 0;                                                                               \
      not_all = not_all && i != 17;                                                                     \
      any = any || i == 23;                                                                             \
      none = none || i > 60;                                                                            \
    }                                                                                                   \
    CHECK(sum == 65 && product == 64 && least == 1 && most == 60 && all && !not_all && any && !none);   \
  }

#define BITS(type, name)                                                                                \
  static void name(void) {                                                                              \
    type either = 1, both = (type)~(type)0, odd = 0;                                                    \
    _Pragma("omp parallel for reduction(| : either) reduction(& : both) reduction(^ : odd)")            \
    for (int i = 0; i < 7; i++) {                                                                       \
      either |= (type)1 << i;                                                                           \
      both &= (type)~((type)1 << i);                                                                    \
      odd ^= (type)((type)3 << i);                                                                      \
    }                                                                                                   \
    CHECK(either == 127 && both == (type)~(type)127 && odd == (type)129);                               \
  }

ARITHMETIC(signed char, schar_)
ARITHMETIC(unsigned char, uchar_)
ARITHMETIC(short, short_)
ARITHMETIC(unsigned short, ushort_)
ARITHMETIC(int, int_)
ARITHMETIC(unsigned, uint_)
ARITHMETIC(long, long_)
ARITHMETIC(unsigned long, ulong_)
ARITHMETIC(long long, llong_)
ARITHMETIC(float, float_)
ARITHMETIC(double, double_)
#ifdef __clang__
// clang wants another library for it.
#define ldouble_()
#else
ARITHMETIC(long double, ldouble_)
#endif
BITS(signed char, bschar_)
BITS(unsigned char, buchar_)
BITS(short, bshort_)
BITS(int, bint_)
BITS(unsigned, buint_)
BITS(long, blong_)
BITS(unsigned long long, bullong_)

int main(void) {
  REPEAT(5) {
    schar_(), uchar_(), short_(), ushort_(), int_(), uint_(), long_(), ulong_(), llong_(), float_(), double_();
    ldouble_();
    bschar_(), buchar_(), bshort_(), bint_(), buint_(), blong_(), bullong_();
  }
  return 0;
}
