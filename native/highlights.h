#ifndef HIGHLIGHTS_H
#define HIGHLIGHTS_H

/*
 * OpenImageIO's rangecompress and rangeexpand (imagebufalgo_pixelmath.cpp): a logarithm above 0.18, mirrored below 0, around
 * the shrinking of a picture, so that one bright pixel does not outshine all around it.
 */

#include "look.h"

/* `lines` has the function, src/picture/pixels/second-resize.ts. */
void highlights_compress(const line *lines, const float *row, float *target, int length);

/* Brings them back, in place. */
void highlights_expand(float *row, int length);

#endif
