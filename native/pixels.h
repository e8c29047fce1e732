#ifndef PIXELS_H
#define PIXELS_H

/*
 * From rows of samples to the pixels of all outputs of a picture, in one pass over its rows: made linear, resized, shown
 * through a look, written into canvases. No full-size picture is held. What the functions are told is a plan's
 * (src/picture/pixels/plan.ts); all of it is copied. They are called by src/picture/native/pixels.ts.
 */

#include <stdint.h>

#include "library.h"
#include "reader.h"

typedef struct pixels pixels;

/* Outcomes beside those of readers. */
enum { ANOTHER_SIZE = 100 };

/*
 * `numbers`: width and height of the data window; bits of the channels that are counted: 1 red, 2 green, 4 blue. Red alone
 * is a grey picture. NULL where memory is out.
 */
EXPORTED pixels *pixels_new(const int32_t *numbers);
EXPORTED void pixels_free(pixels *);

/*
 * How samples become light: `numbers` are kind (enum sample_kind) and top_code, `table` as decode.h has it or NULL, `curve`
 * the nine numbers of a transfer_curve or NULL. 0 where memory is out.
 */
EXPORTED int pixels_decode(pixels *, const int32_t *numbers, const float *table, const double *curve);

/*
 * From there to the working light, nine numbers, and what takes highlights down before the working light is shrunk (look.h);
 * either may be NULL. 0 where memory is out.
 */
EXPORTED int pixels_work(pixels *, const double *to_working, const float *highlights);

/*
 * Adds an output. The first is the main one. `numbers`: 1 where it is made of the main one's working light; orientation;
 * format, width and height of the canvas; x, y, width and height of the box; points a side of the lattice, or 0. Axes as in
 * resize.h, of the stored picture. `matrix` may be NULL; `lines` as in look.h, `lattice` red, green and blue of each point. 0 where memory is out.
 */
EXPORTED int pixels_add(pixels *, const int32_t *numbers, const int32_t *columns, const float *column_weights,
                        const int32_t *rows, const float *row_weights, const double *matrix, const float *lines,
                        const float *lattice);

/* Takes one row, from the top down. 0 where memory is out. */
EXPORTED int pixels_push(pixels *, int row, const void *red, const void *green, const void *blue);

/* Reads all rows that have a part; all rows at all where none has, so that damage is found. An outcome, or ANOTHER_SIZE. */
EXPORTED int pixels_read(pixels *, reader *);

/*
 * Once all rows were taken. `told` receives: non-finite samples in the display window; 1 where the main output is black;
 * the largest light of red, green and blue, and their sums, as far as everything was black; nanoseconds that were spent here
 * for rows that a reader gave. 0 where memory is out.
 */
#define TOLD_NUMBERS 9
EXPORTED int pixels_finish(pixels *, double *told);

/* Copies the canvas of output `index`, in the order that they were added. 0 where it is not `length` bytes long. */
EXPORTED int pixels_canvas(const pixels *, int index, uint8_t *bytes, int length);

#endif
