#include "exp-log.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* ln 2 in two pieces: the first times a whole exponent is exact. */
#define LN2_HIGH 6.93147180369123816490e-01
#define LN2_LOW 1.90821492927058770002e-10
#define LOG2_E 1.44269504088896338700

#define LARGEST 709.782712893384
#define SMALLEST (-745.1332191019412)

static double of_bits(uint64_t bits) {
  double number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

/* 2 ^ exponent of a normal number. */
static double two_to(int exponent) { return of_bits((uint64_t)(exponent + 1023) << 52); }

double exp_of(double power) {
  if (isnan(power)) return power;
  if (power > LARGEST) return INFINITY;
  if (power < SMALLEST) return 0;
  const double turns = power * LOG2_E;
  const int whole = (int)(turns < 0 ? turns - 0.5 : turns + 0.5);
  const double rest = (power - whole * LN2_HIGH) - whole * LN2_LOW;
  /* Taylor's series up to the 14th power: the rest is at most ln(2) / 2. */
  static const double over_n[] = {1.0, 1.0,      1.0 / 2, 1.0 / 3,  1.0 / 4,  1.0 / 5,  1.0 / 6, 1.0 / 7,
                                  1.0 / 8, 1.0 / 9, 1.0 / 10, 1.0 / 11, 1.0 / 12, 1.0 / 13, 1.0 / 14};
  double sum = 1;
  for (int n = 14; n > 0; n--) sum = 1 + sum * (rest * over_n[n]);
  const int half = whole / 2;
  return sum * two_to(half) * two_to(whole - half);
}

#define SUBNORMAL_SHIFT 18014398509481984.0 /* 2 ^ 54 */
#define ROOT_HALF 0.70710678118654752440

double log_of(double number) {
  if (isnan(number) || number < 0) return NAN;
  if (number == 0) return -INFINITY;
  if (isinf(number)) return number;
  int exponent = 0;
  if (number < 2.2250738585072014e-308) {
    number *= SUBNORMAL_SHIFT;
    exponent = -54;
  }
  uint64_t bits;
  memcpy(&bits, &number, sizeof bits);
  exponent += (int)(bits >> 52) - 1022;
  double fraction = of_bits((bits & 0xfffffffffffffULL) | 0x3fe0000000000000ULL);
  if (fraction < ROOT_HALF) {
    fraction *= 2;
    exponent -= 1;
  }
  /* 2 atanh(s), whose series ends after s ^ 23: s is at most 0.172. */
  const double s = (fraction - 1) / (fraction + 1);
  const double square = s * s;
  double sum = 0;
  for (int n = 23; n > 1; n -= 2) sum = (sum + 1.0 / n) * square;
  return exponent * LN2_HIGH + (2 * (s + s * sum) + exponent * LN2_LOW);
}

double power_of(double number, double power) {
  if (number == 0) return power > 0 ? 0 : power == 0 ? 1 : INFINITY;
  return exp_of(power * log_of(number));
}
