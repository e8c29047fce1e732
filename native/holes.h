#ifndef HOLES_H
#define HOLES_H

/* Samples that are NaN or infinite weigh nothing where a picture is resized; what they leave is filled from around it. */

#include "resize.h"

typedef struct holes holes;

/* NULL where memory is out. The columns must outlive it. */
holes *holes_new(const taps *columns, int span, int channels);
void holes_free(holes *);

/*
 * Turns `planes` to copies whose holes are 0. The answer has 1 for each hole and 0 for all else, plane behind plane; all is
 * valid until the next call.
 */
const float *holes_cut(holes *, const float *planes[3]);

/*
 * Gives a resized plane its full weight back. Where nearly all of it is missing, the neighbours that are known stand in (above,
 * left and right), so that a hole of any size is filled from its border and throws no shadow. `above` is NULL for the first
 * row, `missing` the weight that each source column of this row lost.
 */
void holes_repair(holes *, float *plane, const float *above, const double *missing);

#endif
