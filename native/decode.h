#ifndef DECODE_H
#define DECODE_H

/* From the samples of a row to light, before anything is resized. */

#include "reader.h"

/* The exact function of a transfer curve, from code value to light; what src/picture/pixels/curve.ts derives of it. */
typedef struct {
  int is_log;
  /* Above it the curve proper, below it a straight line. */
  double code_break;
  /* light = (code - offset) * slope there; a slope of 0 is black. */
  double line_offset;
  double line_slope;
  /* Power: ((code + offset) * scale) ^ exponent. Log: (exp((code - offset) * scale) - lin_offset) / lin_slope. */
  double offset;
  double scale;
  double exponent;
  double lin_offset;
  double lin_slope;
} transfer_curve;

typedef struct decoder decoder;

/*
 * Samples of `kind`, `width` a row. `table` has light for CODES: top_code + 1 entries; for FLOATS that are code values:
 * CODE_STEPS + 2 entries between 0 and 1, and `curve` tells the rest; NULL for FLOATS that are light. NULL: memory is out.
 */
decoder *decoder_new(int width, enum sample_kind kind, int top_code, const float *table, const transfer_curve *curve);
void decoder_free(decoder *);

/* Steps between code values 0 and 1 in the table of FLOATS. */
#define CODE_STEPS 65535

/* Makes the planes of a row linear; valid until the next call. `channels` is 3, or 1 for grey. */
void decoder_row(decoder *, const sample_row *samples, int channels, const float *planes[3]);

#endif
