#include "decode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exp-log.h"
#include "library.h"

/* Light at a code value, and how much more it is a step on. */
typedef struct {
  float start;
  float rise;
} step;

struct decoder {
  int width;
  enum sample_kind kind;
  int top_code;
  float *table;         /* of CODES */
  step *steps;          /* of FLOATS */
  transfer_curve curve;
  float *planes;
};

static int copy_table(decoder *made, const float *table) {
  const size_t length = (size_t)made->top_code + 1;
  made->table = malloc(length * sizeof *made->table);
  if (made->table != NULL) memcpy(made->table, table, length * sizeof *table);
  return made->table != NULL;
}

static int make_steps(decoder *made, const float *table) {
  made->steps = malloc((CODE_STEPS + 1) * sizeof *made->steps);
  if (made->steps == NULL) return 0;
  for (int at = 0; at <= CODE_STEPS; at++) made->steps[at] = (step){table[at], table[at + 1] - table[at]};
  return 1;
}

decoder *decoder_new(int width, enum sample_kind kind, int top_code, const float *table, const transfer_curve *curve) {
  decoder *made = calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  *made = (decoder){.width = width, .kind = kind, .top_code = top_code};
  if (curve != NULL) made->curve = *curve;
  if (table == NULL) return made;
  made->planes = malloc((size_t)width * 3 * sizeof *made->planes);
  if (made->planes != NULL && (kind == CODES ? copy_table(made, table) : make_steps(made, table))) return made;
  decoder_free(made);
  return NULL;
}

void decoder_free(decoder *one) {
  if (one == NULL) return;
  free(one->table);
  free(one->steps);
  free(one->planes);
  free(one);
}

static void of_codes(const decoder *one, const uint16_t *codes, float *plane) {
  const float *table = one->table;
  const int top = one->top_code;
  for (int x = 0; x < one->width; x++) plane[x] = table[codes[x] > top ? top : codes[x]];
}

static double exact(const transfer_curve *curve, double code) {
  if (code > curve->code_break) {
    const double inner = curve->is_log ? (code - curve->offset) * curve->scale : (code + curve->offset) * curve->scale;
    if (!curve->is_log) return power_of(inner, curve->exponent);
    return (exp_of(inner) - curve->lin_offset) / curve->lin_slope;
  }
  if (curve->line_slope == 0) return isnan(code) ? code : 0;
  return (code - curve->line_offset) * curve->line_slope;
}

/* The bits of 1. */
#define ONE 0x3f800000

/* Straight lines between 65,536 code values; 0 where some lie outside 0..1, and are not yet what they should be. */
WIDE static int between(const step *restrict steps, const float *restrict codes, float *restrict plane, int width) {
  int32_t outside = 0;
  for (int x = 0; x < width; x++) {
    int32_t bits;
    memcpy(&bits, codes + x, sizeof bits);
    const int32_t inside = bits < 0 ? 0 : bits > ONE ? ONE : bits;
    outside |= bits ^ inside;
    float at;
    memcpy(&at, &inside, sizeof at);
    at *= CODE_STEPS;
    const int down = (int)at;
    plane[x] = steps[down].start + steps[down].rise * (at - (float)down);
  }
  return !outside;
}

#define BLOCK 256

/* The exact function for what lies outside 0..1, NaN included; looked for only where there is some. */
static void of_floats(const decoder *one, const float *codes, float *plane) {
  for (int begin = 0; begin < one->width; begin += BLOCK) {
    const int end = begin + BLOCK < one->width ? begin + BLOCK : one->width;
    if (between(one->steps, codes + begin, plane + begin, end - begin)) continue;
    for (int x = begin; x < end; x++) {
      if (!(codes[x] >= 0 && codes[x] <= 1)) plane[x] = (float)exact(&one->curve, (double)codes[x]);
    }
  }
}

void decoder_row(decoder *one, const sample_row *samples, int channels, const float *planes[3]) {
  const void *rows[3] = {samples->red, samples->green, samples->blue};
  for (int channel = 0; channel < channels; channel++) {
    if (one->planes == NULL) {
      planes[channel] = rows[channel];
      continue;
    }
    float *plane = one->planes + (size_t)channel * (size_t)one->width;
    if (one->kind == CODES) of_codes(one, rows[channel], plane);
    else of_floats(one, rows[channel], plane);
    planes[channel] = plane;
  }
}
