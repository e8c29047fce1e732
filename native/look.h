#ifndef LOOK_H
#define LOOK_H

/* From working light to code values between 0 and 1. Rows are planar: all of red, then green, then blue. */

#include <stdint.h>

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
