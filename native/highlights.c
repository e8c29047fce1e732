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

/* As precise as a float needs it. */
#define FLOAT_TERMS 8

/* What is lower stays as it is, whatever is computed for it; what is infinite, or becomes so, is infinite. */
WIDE void highlights_expand(float *row, int length) {
  for (int x = 0; x < length; x++) {
    const double size = row[x] < 0 ? -(double)row[x] : (double)row[x];
    const double power = (size - A) / B;
    const double exponential = exp_to(FLOAT_TERMS, power < EXP_LARGEST ? power : EXP_LARGEST);
    const double light = power > EXP_LARGEST ? INFINITY : (exponential - 1) / C;
    const double expanded = row[x] < 0 ? -light : light;
    row[x] = size > LINEAR_MAX ? (float)expanded : row[x];
  }
}
