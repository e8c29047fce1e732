#include "highlights.h"

#include <math.h>
#include <string.h>

#include "exp-log.h"
#include "library.h"

#define LINEAR_MAX 0.18
#define A (-0.545768857)
#define B 0.183516696
#define C 284.357788

WIDE void highlights_compress(const line *restrict lines, const float *restrict row, float *restrict target, int length) {
  int32_t sizes[PIECE];
  float values[PIECE];
  for (int begin = 0; begin < length; begin += PIECE) {
    const int count = length - begin < PIECE ? length - begin : PIECE;
    for (int x = 0; x < count; x++) sizes[x] = bits_of(row + begin + x) & 0x7fffffff;
    piece_at(lines, sizes, values, count);
    for (int x = 0; x < count; x++) target[begin + x] = bits_of(row + begin + x) < 0 ? -values[x] : values[x];
  }
}

/* The exponential of a power, as precise as a float needs it: Taylor's series up to the 8th power. */
static inline double exponential_of(double power) {
  const double turns = power * LOG2_E;
  const int whole = (int)(turns < 0 ? turns - 0.5 : turns + 0.5);
  const double rest = (power - whole * LN2_HIGH) - whole * LN2_LOW;
  double sum = 1;
  for (int n = 8; n > 0; n--) sum = 1 + sum * (rest * (1.0 / n));
  const int half = whole / 2;
  return sum * two_to(half) * two_to(whole - half);
}

/* What is lower stays as it is, whatever is computed for it; what is infinite, or becomes so, is infinite. */
WIDE void highlights_expand(float *row, int length) {
  for (int x = 0; x < length; x++) {
    const double size = row[x] < 0 ? -(double)row[x] : (double)row[x];
    const double power = (size - A) / B;
    const double exponential = exponential_of(power < EXP_LARGEST ? power : EXP_LARGEST);
    const double light = power > EXP_LARGEST ? INFINITY : (exponential - 1) / C;
    const double expanded = row[x] < 0 ? -light : light;
    row[x] = size > LINEAR_MAX ? (float)expanded : row[x];
  }
}
