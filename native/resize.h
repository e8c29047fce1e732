#ifndef RESIZE_H
#define RESIZE_H

/* Resizing a picture that comes row by row: three planes a row, or one where it is grey. */

#include <stdint.h>

/* Samples are weighted four by four: up to three behind the last that has a part are read, and weigh nothing. */
#define TAPS_AT_ONCE 4

/*
 * What each output sample of an axis is made of: `count` neighbouring source samples from starts[output] on, weighted by
 * weights[output * stride ...]. Starts never decrease. Samples outside first..last have no part; first > last: none has.
 */
typedef struct {
  int count;
  int stride; /* count, made a multiple of TAPS_AT_ONCE by weights of 0 */
  int outputs;
  int first;
  int last;
  int32_t *starts;
  float *weights;
} taps;

/* Told of each output row, from the top down: all of red, then green, then blue. It is valid until this returns. */
typedef void (*take_row)(void *state, const float *row, int index);

typedef struct resizer resizer;

/* Takes both axes over, even where it fails; `channels` is 3, or 1 for grey. NULL where memory is out. */
resizer *resizer_new(taps *columns, taps *rows, int channels, take_row emit, void *state);

/*
 * Takes a row, each of rows.first..rows.last once, in this order; others are ignored. 1 where one of its samples that have
 * a part is not finite, else 0; -1 where memory is out.
 */
int resizer_push(resizer *, const float *const planes[3], int index);

/* Emits what the last row left, or, without any row, a black picture. */
void resizer_end(resizer *);
void resizer_free(resizer *);

const taps *resizer_columns(const resizer *);
const taps *resizer_rows(const resizer *);

/* Copies an axis: `numbers` are count, outputs, first, last, then the starts. 0 where memory is out. */
int taps_copy(taps *, const int32_t *numbers, const float *weights);
void taps_free(taps *);

#endif
