#include "look.h"

#include <string.h>

#include "library.h"

WIDE void matrix_row(const double m[9], const float *restrict row, float *restrict target, int width) {
  const float *green_row = row + width;
  const float *blue_row = green_row + width;
  float *green_target = target + width;
  float *blue_target = green_target + width;
  for (int x = 0; x < width; x++) {
    const double red = (double)row[x];
    const double green = (double)green_row[x];
    const double blue = (double)blue_row[x];
    target[x] = (float)(m[0] * red + m[1] * green + m[2] * blue);
    green_target[x] = (float)(m[3] * red + m[4] * green + m[5] * blue);
    blue_target[x] = (float)(m[6] * red + m[7] * green + m[8] * blue);
  }
}

/* The bits of 1. */
#define ONE 0x3f800000

static inline int32_t bits_of(const float *number) {
  int32_t bits;
  memcpy(&bits, number, sizeof bits);
  return bits;
}

static void curve_row(const line *lines, const float *restrict light, float *restrict shown, int length) {
  for (int x = 0; x < length; x++) {
    const int32_t bits = bits_of(light + x);
    const int32_t inside = bits < 0 ? 0 : bits > ONE ? ONE : bits;
    const float value = line_at(lines, inside);
    shown[x] = bits <= 0 ? 0 : bits >= ONE ? 1 : value;
  }
}

static inline float largest_of(float a, float b) { return a > b ? a : b; }
static inline float smallest_of(float a, float b) { return a < b ? a : b; }

/* Position on the lattice; what lies outside is moved to its border. */
static inline float position(const line *lines, const float *light, float top) {
  const int32_t bits = bits_of(light);
  return bits <= 0 ? 0 : smallest_of(top, line_at(lines, bits));
}

/* Tetrahedral interpolation: six tetrahedra around the cell's diagonal, so that neutral stays neutral. */
static void lattice_row(const look *one, const float *restrict light, float *restrict shown, int width) {
  const float *values = one->lattice;
  const int last = one->edge - 2;
  const float top = (float)(one->edge - 1);
  const int down_green = 3 * one->edge;
  const int down_blue = down_green * one->edge;
  for (int x = 0; x < width; x++) {
    const float r = position(one->lines, light + x, top);
    const float g = position(one->lines, light + width + x, top);
    const float b = position(one->lines, light + 2 * width + x, top);
    const int i = (int)r < last ? (int)r : last;
    const int j = (int)g < last ? (int)g : last;
    const int k = (int)b < last ? (int)b : last;
    const float u = r - (float)i;
    const float v = g - (float)j;
    const float w = b - (float)k;
    const float *origin = values + i * 3 + j * down_green + k * down_blue;
    /* The corners on the way from the cell's origin to its far end, in the order of the fractions. */
    const float largest = largest_of(largest_of(u, v), w);
    const float smallest = smallest_of(smallest_of(u, v), w);
    const float middle = largest_of(smallest_of(u, v), smallest_of(largest_of(u, v), w));
    const float *near = origin + (largest == u ? 3 : largest == v ? down_green : down_blue);
    const float *far = origin + 3 + down_green + down_blue;
    const float *next = far - (smallest == w ? down_blue : smallest == v ? down_green : 3);
    const float a = 1 - largest;
    const float c = largest - middle;
    const float d = middle - smallest;
    for (int channel = 0; channel < 3; channel++) {
      const float value = (origin[channel] * a + near[channel] * c) + (next[channel] * d + far[channel] * smallest);
      shown[channel * width + x] = value > 0 ? smallest_of(value, 1) : 0;
    }
  }
}

void look_show(const look *one, const float *light, float *shown, float *room, int width) {
  if (one->has_matrix) matrix_row(one->matrix, light, room, width);
  const float *taken = one->has_matrix ? room : light;
  if (one->edge == 0) curve_row(one->lines, taken, shown, 3 * width);
  else lattice_row(one, taken, shown, width);
}
