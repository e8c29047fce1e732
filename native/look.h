#ifndef LOOK_H
#define LOOK_H

/* From working light to code values between 0 and 1. Rows are planar: all of red, then green, then blue. */

#include <stdint.h>
#include <string.h>

/*
 * A function of single-precision numbers from 0 on, as straight lines between the numbers whose lower 16 bits are 0
 * (src/picture/pixels/bits-table.ts).
 */
typedef struct {
  float start;
  float slope; /* for each of the lower 16 bits */
} line;

#define LINES 0x8000

/* Numbers of a point of a lattice. */
#define LATTICE_FLOATS 4

/* The value of a function for a number of these bits; it must not be negative. */
static inline float line_at(const line *lines, int32_t bits) {
  const line one = lines[bits >> 16];
  return one.start + one.slope * (float)(bits & 0xffff);
}

static inline int32_t bits_of(const float *number) {
  int32_t bits;
  memcpy(&bits, number, sizeof bits);
  return bits;
}

/* Numbers that are looked up at once. */
#define LOOKED_UP 4

typedef float looked_up __attribute__((vector_size(4 * LOOKED_UP)));
typedef int32_t looked_up_bits __attribute__((vector_size(4 * LOOKED_UP)));
typedef double two_lines __attribute__((vector_size(2 * sizeof(line))));

static inline double whole_line(const line *at) {
  double both;
  memcpy(&both, at, sizeof both);
  return both;
}

/* The same for four numbers: the start and the slope of each line are loaded as one. */
static inline void lines_at(const line *lines, const int32_t *bits, float *values) {
  looked_up_bits all;
  memcpy(&all, bits, sizeof all);
  const two_lines low = {whole_line(lines + (bits[0] >> 16)), whole_line(lines + (bits[1] >> 16))};
  const two_lines high = {whole_line(lines + (bits[2] >> 16)), whole_line(lines + (bits[3] >> 16))};
  const looked_up starts = __builtin_shufflevector((looked_up)low, (looked_up)high, 0, 2, 4, 6);
  const looked_up slopes = __builtin_shufflevector((looked_up)low, (looked_up)high, 1, 3, 5, 7);
  const looked_up made = starts + slopes * __builtin_convertvector(all & 0xffff, looked_up);
  memcpy(values, &made, sizeof made);
}

/* A row is looked up piece by piece, so that the bits of a piece stay at hand. */
#define PIECE 256

/* The same for `length` numbers, PIECE at most; where there are none, up to the next LOOKED_UP, values are written, too. */
static inline void piece_at(const line *lines, int32_t bits[PIECE], float values[PIECE], int length) {
  for (int x = length; x % LOOKED_UP != 0; x++) bits[x] = 0;
  for (int x = 0; x < length; x += LOOKED_UP) lines_at(lines, bits + x, values + x);
}

typedef struct {
  /* From the working light to what the curve or the lattice takes, row by row; unused where has_matrix is 0. */
  int has_matrix;
  double matrix[9];
  /* A transfer curve, or the shaper of a lattice: position on it, 0 to edge - 1. */
  const line *lines;
  /* 0 for a curve. Else points a side of a lattice, red varying fastest: red, green, blue and nothing of each. */
  int edge;
  const float *lattice;
} look;

/* `room` is as long as a row; it is used where there is a matrix. */
void look_show(const look *, const float *light, float *shown, float *room, int width);

/* Each pixel of a row times a 3x3 matrix. */
void matrix_row(const double matrix[9], const float *row, float *target, int width);

#endif
