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

static void by_two(float *restrict target, const float *restrict source, const taps *columns) {
  const float *w = columns->weights;
  for (int x = 0; x < columns->outputs; x++, w += 2) {
    const float *at = source + columns->starts[x] - columns->first;
    target[x] = at[0] * w[0] + at[1] * w[1];
  }
}

static void by_four(float *restrict target, const float *restrict source, const taps *columns) {
  const float *w = columns->weights;
  for (int x = 0; x < columns->outputs; x++, w += 4) {
    const float *at = source + columns->starts[x] - columns->first;
    target[x] = (at[0] * w[0] + at[1] * w[1]) + (at[2] * w[2] + at[3] * w[3]);
  }
}

static void by_five(float *restrict target, const float *restrict source, const taps *columns) {
  const float *w = columns->weights;
  for (int x = 0; x < columns->outputs; x++, w += 5) {
    const float *at = source + columns->starts[x] - columns->first;
    target[x] = (at[0] * w[0] + at[1] * w[1]) + (at[2] * w[2] + at[3] * w[3]) + at[4] * w[4];
  }
}

static void by_many(float *restrict target, const float *restrict source, const taps *columns) {
  const float *w = columns->weights;
  const int count = columns->count;
  for (int x = 0; x < columns->outputs; x++, w += count) {
    const float *at = source + columns->starts[x] - columns->first;
    float even = 0;
    float odd = 0;
    int tap = 0;
    for (; tap + 1 < count; tap += 2) {
      even += at[tap] * w[tap];
      odd += at[tap + 1] * w[tap + 1];
    }
    target[x] = even + odd + (tap < count ? at[tap] * w[tap] : 0);
  }
}

void resize_columns(float *target, const float *source, const taps *columns) {
  switch (columns->count) {
    case 2:
      by_two(target, source, columns);
      break;
    case 4:
      by_four(target, source, columns);
      break;
    case 5:
      by_five(target, source, columns);
      break;
    default:
      by_many(target, source, columns);
  }
}
