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

WIDE static void curve_row(const line *lines, const float *restrict light, float *restrict shown, int length) {
  int32_t inside[PIECE];
  float values[PIECE];
  for (int begin = 0; begin < length; begin += PIECE) {
    const int count = length - begin < PIECE ? length - begin : PIECE;
    for (int x = 0; x < count; x++) {
      const int32_t bits = bits_of(light + begin + x);
      inside[x] = bits < 0 ? 0 : bits > ONE ? ONE : bits;
    }
    piece_at(lines, inside, values, count);
    for (int x = 0; x < count; x++) shown[begin + x] = inside[x] == 0 ? 0 : inside[x] == ONE ? 1 : values[x];
  }
}

static inline float largest_of(float a, float b) { return a > b ? a : b; }
static inline float smallest_of(float a, float b) { return a < b ? a : b; }

/* Positions on the lattice; what lies outside is moved to its border. */
WIDE static void positions(const line *lines, const float *restrict light, float *restrict place, int length, float top) {
  int32_t inside[PIECE];
  float values[PIECE];
  for (int begin = 0; begin < length; begin += PIECE) {
    const int count = length - begin < PIECE ? length - begin : PIECE;
    for (int x = 0; x < count; x++) {
      const int32_t bits = bits_of(light + begin + x);
      inside[x] = bits < 0 ? 0 : bits;
    }
    piece_at(lines, inside, values, count);
    for (int x = 0; x < count; x++) place[begin + x] = inside[x] == 0 ? 0 : smallest_of(top, values[x]);
  }
}

/* Red, green and blue of a point of the lattice. */
typedef float colour __attribute__((vector_size(4 * LATTICE_FLOATS)));

static inline colour load(const float *from) {
  colour loaded;
  memcpy(&loaded, from, sizeof loaded);
  return loaded;
}

/*
 * Which corners lie between a cell's origin and its far end, in the order of the fractions: how far the first is from the
 * origin, and the other from the far end. By the bits: red's fraction is not below green's, green's not below blue's, red's
 * not below blue's. A table, since nobody foretells which way a jump would go.
 */
typedef struct {
  int first[8];
  int skipped[8];
} corners;

static corners corners_of(int red, int green, int blue) {
  return (corners){
      /* The second and the seventh contradict themselves. */
      .first = {blue, blue, green, green, blue, red, red, red},
      .skipped = {red, red, red, blue, green, green, blue, blue},
  };
}

/* Tetrahedral interpolation: six tetrahedra around the cell's diagonal, so that neutral stays neutral. */
static inline colour interpolate(const look *one, const corners *between, float r, float g, float b) {
  const int last = one->edge - 2;
  const int i = (int)r < last ? (int)r : last;
  const int j = (int)g < last ? (int)g : last;
  const int k = (int)b < last ? (int)b : last;
  const float u = r - (float)i;
  const float v = g - (float)j;
  const float w = b - (float)k;
  const float largest = largest_of(largest_of(u, v), w);
  const float smallest = smallest_of(smallest_of(u, v), w);
  const float middle = largest_of(smallest_of(u, v), smallest_of(largest_of(u, v), w));
  const int down_green = LATTICE_FLOATS * one->edge;
  const int down_blue = down_green * one->edge;
  const int order = (u >= v) << 2 | (v >= w) << 1 | (u >= w);
  const float *origin = one->lattice + i * LATTICE_FLOATS + j * down_green + k * down_blue;
  const float *far = origin + LATTICE_FLOATS + down_green + down_blue;
  return (load(origin) * (1 - largest) + load(origin + between->first[order]) * (largest - middle)) +
         (load(far - between->skipped[order]) * (middle - smallest) + load(far) * smallest);
}

static inline float within(float value) { return value > 0 ? smallest_of(value, 1) : 0; }

/* `place` may be `shown`: positions are read before codes are written. */
static void lattice_row(const look *one, const float *place, float *shown, int width) {
  const int down_green = LATTICE_FLOATS * one->edge;
  const corners between = corners_of(LATTICE_FLOATS, down_green, down_green * one->edge);
  for (int x = 0; x < width; x++) {
    const colour made = interpolate(one, &between, place[x], place[width + x], place[2 * width + x]);
    for (int channel = 0; channel < 3; channel++) shown[channel * width + x] = within(made[channel]);
  }
}

void look_show(const look *one, const float *light, float *shown, float *room, int width) {
  if (one->has_matrix) matrix_row(one->matrix, light, room, width);
  const float *taken = one->has_matrix ? room : light;
  if (one->edge == 0) curve_row(one->lines, taken, shown, 3 * width);
  else {
    positions(one->lines, taken, shown, 3 * width, (float)(one->edge - 1));
    lattice_row(one, shown, shown, width);
  }
}
