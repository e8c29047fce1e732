#include "highlights.h"

#include <string.h>

#include "exp-log.h"

#define LINEAR_MAX 0.18
#define A (-0.545768857)
#define B 0.183516696
#define C 284.357788

/* Up to here the lines of the table are the light itself: the first number whose lower 16 bits are 0 below 0.18. */
#define SAME_BITS 0x3e380000
#define BLOCK 16

static int is_low(const float *row) {
  int32_t largest = 0;
  for (int x = 0; x < BLOCK; x++) {
    int32_t bits;
    memcpy(&bits, row + x, sizeof bits);
    bits &= 0x7fffffff;
    largest = bits > largest ? bits : largest;
  }
  return largest < SAME_BITS;
}

static float compressed(const line *lines, float light) {
  int32_t bits;
  memcpy(&bits, &light, sizeof bits);
  const float value = line_at(lines, bits & 0x7fffffff);
  return bits < 0 ? -value : value;
}

void highlights_compress(const line *lines, const float *row, float *target, int length) {
  int x = 0;
  for (; x + BLOCK <= length; x += BLOCK) {
    if (is_low(row + x)) memcpy(target + x, row + x, BLOCK * sizeof *row);
    else
      for (int at = x; at < x + BLOCK; at++) target[at] = compressed(lines, row[at]);
  }
  for (; x < length; x++) target[x] = compressed(lines, row[x]);
}

void highlights_expand(float *row, int length) {
  for (int x = 0; x < length; x++) {
    const double size = row[x] < 0 ? -(double)row[x] : (double)row[x];
    if (!(size > LINEAR_MAX)) continue;
    const double light = (exp_of((size - A) / B) - 1) / C;
    row[x] = (float)(row[x] < 0 ? -light : light);
  }
}
