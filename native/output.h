#ifndef OUTPUT_H
#define OUTPUT_H

/* One output of a picture: resized, turned upright, made working light, shown through its look, written into its canvas. */

#include <stddef.h>
#include <stdint.h>

#include "blackness.h"
#include "look.h"
#include "resize.h"

#define MOST_SMALLER 16

/* What the outputs of a picture share. */
typedef struct {
  /* From decoded light to working light; unused where has_matrix is 0. */
  int has_matrix;
  double to_working[9];
  /* Takes highlights down before working light is shrunk; NULL where nothing does. */
  line *highlights;
  int is_out_of_memory;
} working;

/* Numbers of an output, as pixels.h lists them. */
enum { IS_SMALLER, ORIENTATION, FORMAT, CANVAS_WIDTH, CANVAS_HEIGHT, BOX_X, BOX_Y, BOX_WIDTH, BOX_HEIGHT, EDGE };

typedef struct output output;

/* Takes both axes over, even where it fails. NULL where memory is out. */
output *output_new(working *work, const int32_t *numbers, int channels, taps *columns, taps *rows);
void output_free(output *);

/* 0 where memory is out. */
int output_set_look(output *, const int32_t *numbers, const double *matrix, const float *lines, const float *lattice);

/* Makes `smaller` of the working light of this one; 0 where there are too many, or memory is out. */
int output_feed(output *, output *smaller);

const taps *output_columns(const output *);
const taps *output_rows(const output *);
int output_is_smaller(const output *);
const blackness *output_blackness(const output *);

/* As resizer_push. */
int output_push(output *, const float *const planes[3], int index);

/* Once all rows were pushed. */
void output_end(output *);
const uint8_t *output_bytes(const output *, size_t *length);

#endif
