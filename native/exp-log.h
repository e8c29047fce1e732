#ifndef EXP_LOG_H
#define EXP_LOG_H

/*
 * The exponential function and the logarithm, to a few units of the last place of a double. libm's differ between machines
 * with and without fused multiplication; these are the same to the last bit everywhere.
 */

#include <stdint.h>
#include <string.h>

/* Between these the exponential of a number is one that a double can hold, if not always exactly. */
#define EXP_LARGEST 709.782712893384
#define EXP_SMALLEST (-745.1332191019412)

/* ln 2 in two pieces: the first times a whole exponent is exact. */
#define LN2_HIGH 6.93147180369123816490e-01
#define LN2_LOW 1.90821492927058770002e-10
#define LOG2_E 1.44269504088896338700

/* 2 ^ exponent of a normal number. */
static inline double two_to(int exponent) {
  const uint64_t bits = (uint64_t)(exponent + 1023) << 52;
  double number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

/*
 * The exponential of a number between the two: without a jump, so that loops over it can do several at once, with the same bits.
 * Taylor's series up to the power of `terms`: what it is of is at most ln(2) / 2.
 */
static inline double exp_to(int terms, double power) {
  const double turns = power * LOG2_E;
  const int whole = (int)(turns < 0 ? turns - 0.5 : turns + 0.5);
  const double rest = (power - whole * LN2_HIGH) - whole * LN2_LOW;
  double sum = 1;
  for (int n = terms; n > 0; n--) sum = 1 + sum * (rest * (1.0 / n));
  const int half = whole / 2;
  return sum * two_to(half) * two_to(whole - half);
}

/* As precise as a double needs it: exp_of, between the two. */
static inline double exp_within(double power) { return exp_to(14, power); }

double exp_of(double power);
double log_of(double number);

/* number ^ power for numbers from 0 on; NaN for negatives. */
double power_of(double number, double power);

#endif
