/* The sums that a resize is made of. The same bytes on every machine: nothing is reordered or contracted. */

#include "weighted-sums.h"

#include <string.h>

#include "library.h"

WIDE void scale_row(float *restrict sum, const float *restrict row, float weight, int length) {
  for (int x = 0; x < length; x++) sum[x] = weight * row[x];
}

WIDE void add_row(float *restrict sum, const float *restrict row, float weight, int length) {
  for (int x = 0; x < length; x++) sum[x] += weight * row[x];
}

#define EXPONENT 0x7f800000

WIDE int is_finite_row(const float *row, int length) {
  int32_t largest = 0;
  for (int x = 0; x < length; x++) {
    int32_t bits;
    memcpy(&bits, row + x, sizeof bits);
    bits &= EXPONENT;
    largest = bits > largest ? bits : largest;
  }
  return largest < EXPONENT;
}

/* Four samples, wherever they lie. */
typedef float four __attribute__((vector_size(16)));

static inline four load(const float *from) {
  four loaded;
  memcpy(&loaded, from, sizeof loaded);
  return loaded;
}

/* The taps of one output, four by four, in four sums. */
static inline four tap_sums(const float *source, const float *weights, int stride) {
  four sums = load(source) * load(weights);
  for (int tap = 4; tap < stride; tap += 4) sums += load(source + tap) * load(weights + tap);
  return sums;
}

/* Four outputs: what the four sums of each come to. */
static inline four totals(four a, four b, four c, four d) {
  const four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const four ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const four cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const four cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  const four first = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  const four second = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  const four third = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  const four fourth = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
  return (first + second) + (third + fourth);
}

static inline void resize_by(float *restrict target, const float *restrict source, const taps *columns, int stride) {
  const float *w = columns->weights;
  const int32_t *starts = columns->starts;
  const int outputs = columns->outputs;
  int x = 0;
  source -= columns->first;
  for (; x + 4 <= outputs; x += 4, w += 4 * stride) {
    const four made = totals(tap_sums(source + starts[x], w, stride), tap_sums(source + starts[x + 1], w + stride, stride),
                             tap_sums(source + starts[x + 2], w + 2 * stride, stride),
                             tap_sums(source + starts[x + 3], w + 3 * stride, stride));
    memcpy(target + x, &made, sizeof made);
  }
  for (; x < outputs; x++, w += stride) {
    const four sums = tap_sums(source + starts[x], w, stride);
    target[x] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }
}

void resize_columns(float *target, const float *source, const taps *columns) {
  /* The usual numbers of taps are unrolled. */
  if (columns->stride == 4) resize_by(target, source, columns, 4);
  else if (columns->stride == 8) resize_by(target, source, columns, 8);
  else resize_by(target, source, columns, columns->stride);
}
