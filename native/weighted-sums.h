#ifndef WEIGHTED_SUMS_H
#define WEIGHTED_SUMS_H

#include "resize.h"

/* sum = weight * row, and sum += weight * row. */
void scale_row(float *sum, const float *row, float weight, int length);
void add_row(float *sum, const float *row, float weight, int length);

/* One plane of a row through the taps of its columns; `source` starts with the first sample that has a part. */
void resize_columns(float *target, const float *source, const taps *columns);

/* Whether every sample is finite. */
int is_finite_row(const float *row, int length);

#endif
