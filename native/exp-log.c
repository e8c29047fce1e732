#include "exp-log.h"

#include <math.h>

static double of_bits(uint64_t bits) {
  double number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

double exp_of(double power) {
  if (isnan(power)) return power;
  if (power > EXP_LARGEST) return INFINITY;
  return power < EXP_SMALLEST ? 0 : exp_within(power);
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
