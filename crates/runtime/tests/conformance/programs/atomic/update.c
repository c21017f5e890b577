// atomic update with every operator, on every type.
//@ dynamic: yes
#include "conf.h"

#define TYPE(type, name)                                             \
  static void name(void) {                                           \
    type sum = 0, difference = 100, product = 1, quotient = 64;      \
    _Pragma("omp parallel for") for (int i = 0; i < 60; i++) {       \
      _Pragma("omp atomic") sum += 1;                                \
      _Pragma("omp atomic update") difference = difference - 1;      \
      if (i % 10 == 0) {                                             \
        _Pragma("omp atomic") product *= 2;                          \
        _Pragma("omp atomic") quotient /= 2;                         \
      }                                                              \
      _Pragma("omp atomic") sum++;                                   \
      _Pragma("omp atomic") --sum;                                   \
    }                                                                \
    CHECK(sum == 60 && difference == 40 && product == 64 && quotient == 1); \
  }

#define BITS(type, name)                                             \
  static void name(void) {                                           \
    type either = 0, both = (type)~(type)0, odd = 0, left = 1, right = 64; \
    _Pragma("omp parallel for") for (int i = 0; i < 7; i++) {        \
      _Pragma("omp atomic") either |= (type)1 << i;                  \
      _Pragma("omp atomic") both &= (type)~((type)1 << i);           \
      _Pragma("omp atomic") odd ^= (type)3 << i;                     \
      if (i < 6) {                                                   \
        _Pragma("omp atomic") left <<= 1;                            \
        _Pragma("omp atomic") right >>= 1;                           \
      }                                                              \
    }                                                                \
    CHECK(either == 127 && both == (type)~(type)127 && left == 64 && right == 1); \
    CHECK(odd == (type)129);                                         \
  }

TYPE(signed char, schar)
TYPE(unsigned char, uchar)
TYPE(short, sshort)
TYPE(unsigned short, ushort_)
TYPE(int, sint)
TYPE(unsigned, uint_)
TYPE(long, slong)
TYPE(unsigned long long, ulong_)
TYPE(float, float_)
TYPE(double, double_)
#ifdef __clang__
// clang wants another library for it.
#define long_double()
#else
TYPE(long double, long_double)
#endif
BITS(unsigned char, buchar)
BITS(unsigned short, bushort)
BITS(int, bint)
BITS(unsigned, buint)
BITS(long, blong)
BITS(unsigned long long, bulong)

int main(void) {
  REPEAT(10) {
    schar(), uchar(), sshort(), ushort_(), sint(), uint_(), slong(), ulong_(), float_(), double_();
    long_double();
    buchar(), bushort(), bint(), buint(), blong(), bulong();
  }
  return 0;
}
