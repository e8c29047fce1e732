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
  for (int x = 0; x < length; x++) {
    int32_t bits;
    memcpy(&bits, row + x, sizeof bits);
    const float value = line_at(lines, bits & 0x7fffffff);
    target[x] = bits < 0 ? -value : value;
  }
}

/* What is lower stays as it is, whatever is computed for it; what is infinite, or becomes so, is infinite. */
WIDE void highlights_expand(float *row, int length) {
  for (int x = 0; x < length; x++) {
    const double size = row[x] < 0 ? -(double)row[x] : (double)row[x];
    const double power = (size - A) / B;
    const double exponential = exp_within(power < EXP_LARGEST ? power : EXP_LARGEST);
    const double light = power > EXP_LARGEST ? INFINITY : (exponential - 1) / C;
    const double expanded = row[x] < 0 ? -light : light;
    row[x] = size > LINEAR_MAX ? (float)expanded : row[x];
  }
}
