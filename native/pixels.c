#include "pixels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "decode.h"
#include "output.h"

#define MOST_OUTPUTS 64

struct pixels {
  int width;
  int height;
  int counted; /* bits: red, green and blue that differ from those before them */
  int channels;
  decoder *decoder;
  enum sample_kind kind;
  working work;
  output *outputs[MOST_OUTPUTS];
  int count;
  double non_finite;
  double nanoseconds;
};

pixels *pixels_new(const int32_t *numbers) {
  pixels *made = calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  made->width = numbers[0];
  made->height = numbers[1];
  made->counted = numbers[2];
  made->channels = made->counted == 1 ? 1 : 3;
  return made;
}

void pixels_free(pixels *one) {
  if (one == NULL) return;
  for (int at = 0; at < one->count; at++) output_free(one->outputs[at]);
  decoder_free(one->decoder);
  free(one->work.highlights);
  free(one);
}

int pixels_decode(pixels *one, const int32_t *numbers, const float *table, const double *curve) {
  transfer_curve exact;
  if (curve != NULL) {
    exact = (transfer_curve){
        .is_log = curve[0] != 0,
        .code_break = curve[1],
        .line_offset = curve[2],
        .line_slope = curve[3],
        .offset = curve[4],
        .scale = curve[5],
        .exponent = curve[6],
        .lin_offset = curve[7],
        .lin_slope = curve[8],
    };
  }
  one->kind = numbers[0] == CODES ? CODES : FLOATS;
  one->decoder = decoder_new(one->width, one->kind, numbers[1], table, curve == NULL ? NULL : &exact);
  return one->decoder != NULL;
}

int pixels_work(pixels *one, const double *to_working, const float *highlights) {
  working *work = &one->work;
  work->has_matrix = to_working != NULL;
  if (to_working != NULL) memcpy(work->to_working, to_working, sizeof work->to_working);
  if (highlights == NULL) return 1;
  work->highlights = malloc(LINES * sizeof *work->highlights);
  if (work->highlights == NULL) return 0;
  memcpy(work->highlights, highlights, LINES * sizeof *work->highlights);
  return 1;
}

int pixels_add(pixels *one, const int32_t *numbers, const int32_t *columns, const float *column_weights,
               const int32_t *rows, const float *row_weights, const double *matrix, const float *lines,
               const float *lattice) {
  if (one->count == MOST_OUTPUTS) return 0;
  taps across = {0};
  taps down = {0};
  if (!taps_copy(&across, columns, column_weights) || !taps_copy(&down, rows, row_weights)) {
    taps_free(&across);
    taps_free(&down);
    return 0;
  }
  const int channels = numbers[IS_SMALLER] ? 3 : one->channels;
  output *made = output_new(&one->work, numbers, channels, &across, &down);
  if (made == NULL) return 0;
  one->outputs[one->count++] = made;
  if (!output_set_look(made, numbers, matrix, lines, lattice)) return 0;
  return !numbers[IS_SMALLER] || output_feed(one->outputs[0], made);
}

/* Whether any sample has a part in an output that is resized from the decoded picture. */
static int is_shown(const output *made) {
  return !output_is_smaller(made) && output_columns(made)->first <= output_columns(made)->last &&
         output_rows(made)->first <= output_rows(made)->last;
}

static const output *first_shown(const pixels *one) {
  for (int at = 0; at < one->count; at++) {
    if (is_shown(one->outputs[at])) return one->outputs[at];
  }
  return NULL;
}

/* Non-finite samples of the columns, as the file has them. */
static double count_non_finite(int counted, const sample_row *samples, const taps *columns) {
  const float *rows[3] = {samples->red, samples->green, samples->blue};
  double count = 0;
  for (int channel = 0; channel < 3; channel++) {
    if ((counted & (1 << channel)) == 0) continue;
    for (int x = columns->first; x <= columns->last; x++) count += !isfinite(rows[channel][x]);
  }
  return count;
}

static int take(pixels *one, int row, const sample_row *samples) {
  const output *main_shown = first_shown(one);
  const float *planes[3];
  decoder_row(one->decoder, samples, one->channels, planes);
  for (int at = 0; at < one->count; at++) {
    output *made = one->outputs[at];
    if (!is_shown(made)) continue;
    const int has_holes = output_push(made, planes, row);
    if (has_holes < 0) one->work.is_out_of_memory = 1;
    if (has_holes > 0 && made == main_shown && one->kind == FLOATS) {
      one->non_finite += count_non_finite(one->counted, samples, output_columns(made));
    }
  }
  return !one->work.is_out_of_memory;
}

int pixels_push(pixels *one, int row, const void *red, const void *green, const void *blue) {
  const sample_row samples = {.red = red, .green = green, .blue = blue};
  return take(one, row, &samples);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int take_read(void *state, int row, const sample_row *samples) {
  pixels *one = state;
  const double begun = now();
  const int is_well = take(one, row, samples);
  one->nanoseconds += now() - begun;
  return !is_well;
}

static int ignore(void *state, int row, const sample_row *samples) {
  (void)state;
  (void)row;
  (void)samples;
  return 0;
}

int pixels_read(pixels *one, reader *from) {
  if (from->width != one->width || from->height != one->height) return ANOTHER_SIZE;
  int first = one->height;
  int last = -1;
  for (int at = 0; at < one->count; at++) {
    if (!is_shown(one->outputs[at])) continue;
    const taps *rows = output_rows(one->outputs[at]);
    first = rows->first < first ? rows->first : first;
    last = rows->last > last ? rows->last : last;
  }
  if (first > last) return from->read_rows(from, 0, one->height - 1, ignore, NULL);
  const enum outcome read = from->read_rows(from, first, last, take_read, one);
  return one->work.is_out_of_memory ? OUT_OF_MEMORY : read;
}

int pixels_finish(pixels *one, double *told) {
  for (int at = 0; at < one->count; at++) {
    if (!output_is_smaller(one->outputs[at])) output_end(one->outputs[at]);
  }
  const blackness *black = output_blackness(one->outputs[0]);
  told[0] = one->non_finite;
  told[1] = !black->has_bright_pixel;
  for (int channel = 0; channel < 3; channel++) {
    told[2 + channel] = black->largest[channel];
    told[5 + channel] = black->sum[channel];
  }
  told[8] = one->nanoseconds;
  return !one->work.is_out_of_memory;
}

int pixels_canvas(const pixels *one, int index, uint8_t *bytes, int length) {
  size_t made = 0;
  const uint8_t *canvas = output_bytes(one->outputs[index], &made);
  if (length < 0 || made != (size_t)length) return 0;
  memcpy(bytes, canvas, made);
  return 1;
}
