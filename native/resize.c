/*
 * Resizing as the rows come. Each source row is added to the sums of the output rows that it has a part in, which are as
 * wide as the source; once one is whole, its columns are resized, so that this is done once an output row.
 */

#include "resize.h"

#include <stdlib.h>
#include <string.h>

#include "holes.h"
#include "weighted-sums.h"

/* An output row that is still being added up; its planes lie one behind the other. */
typedef struct {
  float *samples;
  double *missing; /* weight that was lost to samples which are not finite; NULL until there was one */
  int is_whole;
} sum_row;

struct resizer {
  taps columns;
  taps rows;
  int channels;
  int span; /* source columns that have a part */
  take_row emit;
  void *state;
  sum_row *sums; /* a ring, by output row */
  int ring;
  float *outputs[2]; /* the row that is made, and the one above it, in turn */
  holes *holes;      /* room for rows that have some; NULL until there was one */
  int next;          /* the first output row that is not emitted */
};

int taps_copy(taps *copy, const int32_t *numbers, const float *weights) {
  *copy = (taps){.count = numbers[0], .outputs = numbers[1], .first = numbers[2], .last = numbers[3]};
  copy->stride = (copy->count + TAPS_AT_ONCE - 1) / TAPS_AT_ONCE * TAPS_AT_ONCE;
  copy->starts = malloc((size_t)copy->outputs * sizeof *copy->starts);
  copy->weights = calloc((size_t)copy->outputs * (size_t)copy->stride, sizeof *copy->weights);
  if (copy->starts == NULL || copy->weights == NULL) return 0;
  memcpy(copy->starts, numbers + 4, (size_t)copy->outputs * sizeof *copy->starts);
  for (size_t output = 0; output < (size_t)copy->outputs; output++) {
    float *to = copy->weights + output * (size_t)copy->stride;
    memcpy(to, weights + output * (size_t)copy->count, (size_t)copy->count * sizeof *weights);
  }
  return 1;
}

void taps_free(taps *axis) {
  free(axis->starts);
  free(axis->weights);
  axis->starts = NULL;
  axis->weights = NULL;
}

/* The most output rows that one source row has a part in. */
static int most_open(const taps *rows) {
  int most = 1;
  for (int oldest = 0, output = 0; output < rows->outputs; output++) {
    while (rows->starts[oldest] + rows->count <= rows->starts[output]) oldest++;
    most = output - oldest + 1 > most ? output - oldest + 1 : most;
  }
  return most;
}

static int make_room(resizer *made) {
  const size_t width = (size_t)made->columns.outputs * 3;
  const size_t length = (size_t)made->span * (size_t)made->channels;
  made->sums = calloc((size_t)made->ring, sizeof *made->sums);
  if (made->sums == NULL) return 0;
  for (int at = 0; at < made->ring; at++) {
    made->sums[at] = (sum_row){.samples = calloc(length + TAPS_AT_ONCE, sizeof(float)), .is_whole = 1};
    if (made->sums[at].samples == NULL) return 0;
  }
  for (int at = 0; at < 2; at++) {
    made->outputs[at] = calloc(width, sizeof(float));
    if (made->outputs[at] == NULL) return 0;
  }
  return 1;
}

resizer *resizer_new(taps *columns, taps *rows, int channels, take_row emit, void *state) {
  resizer *made = calloc(1, sizeof *made);
  if (made == NULL) {
    taps_free(columns);
    taps_free(rows);
    return NULL;
  }
  const int span = columns->last - columns->first + 1;
  *made = (resizer){.columns = *columns, .rows = *rows, .channels = channels, .emit = emit, .state = state};
  made->span = span > 0 ? span : 0;
  made->ring = most_open(rows);
  if (make_room(made)) return made;
  resizer_free(made);
  return NULL;
}

void resizer_free(resizer *one) {
  if (one == NULL) return;
  for (int at = 0; one->sums != NULL && at < one->ring; at++) {
    free(one->sums[at].samples);
    free(one->sums[at].missing);
  }
  free(one->sums);
  free(one->outputs[0]);
  free(one->outputs[1]);
  holes_free(one->holes);
  taps_free(&one->columns);
  taps_free(&one->rows);
  free(one);
}

const taps *resizer_columns(const resizer *one) { return &one->columns; }
const taps *resizer_rows(const resizer *one) { return &one->rows; }

static void make(resizer *one, int output) {
  const int width = one->columns.outputs;
  const sum_row *sum = &one->sums[output % one->ring];
  float *row = one->outputs[output % 2];
  if (one->span == 0) {
    memset(row, 0, (size_t)width * 3 * sizeof *row);
  } else {
    for (int channel = 0; channel < one->channels; channel++) {
      float *plane = row + (size_t)channel * width;
      const size_t from = (size_t)channel * one->span;
      resize_columns(plane, sum->samples + from, &one->columns);
      if (sum->is_whole) continue;
      const float *above = output == 0 ? NULL : one->outputs[1 - output % 2] + (size_t)channel * width;
      holes_repair(one->holes, plane, above, sum->missing + from);
    }
    for (int channel = one->channels; channel < 3; channel++) {
      memcpy(row + (size_t)channel * width, row, (size_t)width * sizeof *row);
    }
  }
  one->emit(one->state, row, output);
}

/* Adds a row to one sum. `lost` has 1 for what is not finite, NULL where everything is. */
static int add(const resizer *one, sum_row *sum, const float *const planes[3], const float *lost, int tap, float weight) {
  for (int channel = 0; channel < one->channels; channel++) {
    float *samples = sum->samples + (size_t)channel * one->span;
    if (tap == 0) scale_row(samples, planes[channel], weight, one->span);
    else if (weight != 0) add_row(samples, planes[channel], weight, one->span);
  }
  if (tap == 0) sum->is_whole = 1;
  if (lost == NULL) return 1;
  const size_t length = (size_t)one->span * (size_t)one->channels;
  if (sum->missing == NULL) sum->missing = malloc(length * sizeof *sum->missing);
  if (sum->missing == NULL) return 0;
  if (sum->is_whole) memset(sum->missing, 0, length * sizeof *sum->missing);
  sum->is_whole = 0;
  for (size_t at = 0; at < length; at++) sum->missing[at] += (double)weight * (double)lost[at];
  return 1;
}

int resizer_push(resizer *one, const float *const planes[3], int index) {
  if (index < one->rows.first || index > one->rows.last || one->span == 0) return 0;
  const float *shown[3];
  int is_whole = 1;
  for (int channel = 0; channel < one->channels; channel++) {
    shown[channel] = planes[channel] + one->columns.first;
    is_whole = is_whole && is_finite_row(shown[channel], one->span);
  }
  const float *lost = NULL;
  if (!is_whole) {
    if (one->holes == NULL) one->holes = holes_new(&one->columns, one->span, one->channels);
    if (one->holes == NULL) return -1;
    lost = holes_cut(one->holes, shown);
  }
  const taps *rows = &one->rows;
  for (int output = one->next; output < rows->outputs && rows->starts[output] <= index; output++) {
    const int tap = index - rows->starts[output];
    if (tap >= rows->count || output - one->next >= one->ring) continue;
    const float weight = rows->weights[(size_t)output * (size_t)rows->stride + (size_t)tap];
    if (!add(one, &one->sums[output % one->ring], shown, lost, tap, weight)) return -1;
  }
  while (one->next < rows->outputs && rows->starts[one->next] + rows->count - 1 <= index) make(one, one->next++);
  return !is_whole;
}

void resizer_end(resizer *one) {
  while (one->next < one->rows.outputs) make(one, one->next++);
}
