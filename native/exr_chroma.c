/*
 * Luminance and chroma as red, green and blue: chroma of every second pixel and row is reconstructed with OpenEXR's filter
 * (ImfRgbaYca). The same steps, in the same order and precision, as src/picture/samples/exr/luminance-chroma.ts.
 */

#include "exr_chroma.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows that are held: a row, what the filter reaches above and below, rounded up to a power of two. */
#define HELD_ROWS 32
/* Rows of red, green and blue that are held: three to calm the middle one, rounded up. */
#define HELD_RGB_ROWS 4
/* Farthest pixel that the filter looks at. */
#define REACH 13
#define TAPS 7

/* Weights of the samples 1, 3, 5, 7, 9, 11 and 13 pixels away; pixels on a sample keep it. */
static const double TAP_WEIGHTS[TAPS] = {0.627123, -0.186077, 0.087929, -0.043159, 0.019597, -0.00754, 0.002128};

typedef struct {
  float *rgb[3];
  float *saturation; /* 0 for grey to 1 and more */
} saturated_row;

struct exr_chroma {
  int width;
  int height;
  int x_sampling; /* of chroma */
  int y_sampling;
  double weights[3];
  float *held[3][HELD_ROWS]; /* Y, RY, BY at full width */
  float *between[2];
  saturated_row rgb[HELD_RGB_ROWS];
  float *shown[3];
  float *memory;
};

typedef struct {
  exr_chroma *chroma;
  const exr_file *file;
  int first;
  int last;
  int to;
  int next;
  put_row put;
  void *state;
} chroma_order;

/* As JavaScript's Math.max and Math.min: not a number where one of them is none. */
static double larger(double a, double b) { return isnan(a) || isnan(b) ? NAN : (a > b ? a : b); }
static double smaller(double a, double b) { return isnan(a) || isnan(b) ? NAN : (a < b ? a : b); }

static int clamped(int value, int low, int high) { return value < low ? low : (value > high ? high : value); }

/* A row of every second pixel's samples, from pixel 0 on, at full width. Behind the ends the last sample counts. */
static void widen(const float *samples, int count, float *into) {
  for (int n = 0; n < count; n++) {
    double between = 0;
    for (int tap = 0; tap < TAPS; tap++)
      between += TAP_WEIGHTS[tap] * ((double)samples[clamped(n - tap, 0, n)] + (double)samples[clamped(n + 1 + tap, 0, count - 1)]);
    into[2 * n] = samples[n];
    into[2 * n + 1] = (float)between;
  }
}

static void hold(exr_chroma *chroma, const exr_file *file, int row, const float *const planes[MOST_PLANES]) {
  for (int index = 0; index < 3; index++) {
    const int plane = file->plane_of_channel[index];
    float *into = chroma->held[index][row & (HELD_ROWS - 1)];
    if (planes[plane] == NULL) continue;
    if (file->planes[plane].x_sampling == 1)
      memcpy(into, planes[plane], (size_t)chroma->width * sizeof(float));
    else
      widen(planes[plane], file->planes[plane].columns, into);
  }
}

/* The held row that stands for one outside: OpenEXR takes the first, and the last that has chroma. */
static const float *held_row(const exr_chroma *chroma, int index, int row) {
  const int inside = row < 0 ? 0 : (row < chroma->height ? row : chroma->height - chroma->y_sampling);
  return chroma->held[index][inside & (HELD_ROWS - 1)];
}

static const float *chroma_row(exr_chroma *chroma, int index, int row) {
  float *into = chroma->between[index - 1];
  if (row % chroma->y_sampling == 0) return held_row(chroma, index, row);
  memset(into, 0, (size_t)chroma->width * sizeof(float));
  for (int tap = 0; tap < TAPS; tap++) {
    const float *above = held_row(chroma, index, row - 2 * tap - 1), *below = held_row(chroma, index, row + 2 * tap + 1);
    for (int x = 0; x < chroma->width; x++)
      into[x] = (float)((double)into[x] + TAP_WEIGHTS[tap] * ((double)above[x] + (double)below[x]));
  }
  return into;
}

/* Grey comes out as it was. */
static void make_rgb(exr_chroma *chroma, int row) {
  const float *luma = held_row(chroma, 0, row);
  const float *redness = chroma_row(chroma, 1, row), *blueness = chroma_row(chroma, 2, row);
  saturated_row *into = &chroma->rgb[row & (HELD_RGB_ROWS - 1)];
  const double *weights = chroma->weights;
  for (int x = 0; x < chroma->width; x++) {
    const int is_grey = redness[x] == 0 && blueness[x] == 0;
    const double y = luma[x], r = ((double)redness[x] + 1) * y, b = ((double)blueness[x] + 1) * y;
    const double g = is_grey ? y : (y - r * weights[0] - b * weights[2]) / weights[1];
    const double highest = larger(larger(r, g), b);
    into->rgb[0][x] = (float)r;
    into->rgb[1][x] = (float)g;
    into->rgb[2][x] = (float)b;
    into->saturation[x] = (float)(highest > 0 ? 1 - smaller(smaller(r, g), b) / highest : 0);
  }
}

static double calmed(double value, double highest, double factor) { return larger(0, highest - (highest - value) * factor); }

static void desaturate(exr_chroma *chroma, int x, double factor) {
  const double *weights = chroma->weights;
  const double r = chroma->shown[0][x], g = chroma->shown[1][x], b = chroma->shown[2][x];
  const double highest = larger(larger(r, g), b);
  const double calm_r = calmed(r, highest, factor), calm_g = calmed(g, highest, factor), calm_b = calmed(b, highest, factor);
  const double luma = calm_r * weights[0] + calm_g * weights[1] + calm_b * weights[2];
  const double gain = luma > 0 ? (r * weights[0] + g * weights[1] + b * weights[2]) / luma : 1;
  chroma->shown[0][x] = (float)(calm_r * gain);
  chroma->shown[1][x] = (float)(calm_g * gain);
  chroma->shown[2][x] = (float)(calm_b * gain);
}

/*
 * The row, where pixels much more saturated than their four diagonal neighbours are pulled back: rounding and filtering of
 * chroma make such pixels where a dark colour meets a bright one (OpenEXR's fixSaturation). Keeps luminance.
 */
static void show_row(exr_chroma *chroma, int row) {
  const saturated_row *middle = &chroma->rgb[row & (HELD_RGB_ROWS - 1)];
  const float *upper = chroma->rgb[(row - 1) & (HELD_RGB_ROWS - 1)].saturation;
  const float *lower = chroma->rgb[(row + 1) & (HELD_RGB_ROWS - 1)].saturation;
  const int last = chroma->width - 1;
  for (int plane = 0; plane < 3; plane++) memcpy(chroma->shown[plane], middle->rgb[plane], (size_t)chroma->width * sizeof(float));
  for (int x = 0; x <= last; x++) {
    const int left = x > 0 ? x - 1 : 0, right = x < last ? x + 1 : last;
    const double around = (double)upper[left] + (double)upper[right] + (double)lower[left] + (double)lower[right];
    const double mean = smaller(1, around / 4), allowed = smaller(1, 1 - (1 - mean) / 4), own = middle->saturation[x];
    if (own > mean && own > allowed) desaturate(chroma, x, allowed / own);
  }
}

static int put_chroma(void *state, int row, const float *const planes[MOST_PLANES]) {
  chroma_order *order = state;
  exr_chroma *chroma = order->chroma;
  hold(chroma, order->file, row, planes);
  for (; order->next <= order->last + 1; order->next++) {
    const int needed = order->next + REACH < order->to ? order->next + REACH : order->to;
    if (row < needed) return 0;
    make_rgb(chroma, order->next);
    if (order->next <= order->first) continue;
    show_row(chroma, order->next - 1);
    const sample_row samples = {chroma->shown[0], chroma->shown[1], chroma->shown[2]};
    if (order->put(order->state, order->next - 1, &samples) != 0) return 1;
  }
  return 0;
}

enum outcome read_chroma(exr_chroma *chroma, exr_file *file, int first, int last, put_row put, void *state) {
  const int from = first - 1 - REACH > 0 ? (first - 1 - REACH) & ~1 : 0;
  const int to = last + 1 + REACH < file->height - 1 ? last + 1 + REACH : file->height - 1;
  chroma_order order = {chroma, file, first, last, to, first - 1, put, state};
  return read_planes(file, from, to, put_chroma, &order);
}

static int is_halved(int sampling) { return sampling == 1 || sampling == 2; }

static void lay_out(exr_chroma *chroma) {
  float *next = chroma->memory;
  const size_t width = (size_t)chroma->width;
  for (int index = 0; index < 3; index++)
    for (int row = 0; row < HELD_ROWS; row++, next += width) chroma->held[index][row] = next;
  for (int index = 0; index < 2; index++, next += width) chroma->between[index] = next;
  for (int row = 0; row < HELD_RGB_ROWS; row++) {
    for (int plane = 0; plane < 3; plane++, next += width) chroma->rgb[row].rgb[plane] = next;
    chroma->rgb[row].saturation = next;
    next += width;
  }
  for (int plane = 0; plane < 3; plane++, next += width) chroma->shown[plane] = next;
}

enum outcome new_chroma(exr_chroma **made, exr_file *file, const double weights[3]) {
  const exr_plane *y = &file->planes[file->plane_of_channel[0]];
  const exr_plane *ry = &file->planes[file->plane_of_channel[1]], *by = &file->planes[file->plane_of_channel[2]];
  const int is_known = is_halved(ry->x_sampling) && is_halved(ry->y_sampling) && y->x_sampling == 1 && y->y_sampling == 1 &&
                       ry->x_sampling == by->x_sampling && ry->y_sampling == by->y_sampling &&
                       file->width % ry->x_sampling == 0 && file->height % ry->y_sampling == 0;
  if (!is_known) {
    snprintf(file->problem, PROBLEM_BYTES, "Luminance and chroma of these samplings are not read.");
    return UNSUPPORTED;
  }
  exr_chroma *chroma = calloc(1, sizeof *chroma);
  *made = chroma;
  if (chroma == NULL) return OUT_OF_MEMORY;
  chroma->width = file->width;
  chroma->height = file->height;
  chroma->x_sampling = ry->x_sampling;
  chroma->y_sampling = ry->y_sampling;
  memcpy(chroma->weights, weights, sizeof chroma->weights);
  chroma->memory = calloc((size_t)file->width * (3 * HELD_ROWS + 2 + 4 * HELD_RGB_ROWS + 3), sizeof(float));
  if (chroma->memory == NULL) return OUT_OF_MEMORY;
  lay_out(chroma);
  return OK;
}

void free_chroma(exr_chroma *chroma) {
  if (chroma == NULL) return;
  free(chroma->memory);
  free(chroma);
}
