#include "decode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "exp-log.h"

struct decoder {
  int width;
  enum sample_kind kind;
  int top_code;
  float *table;
  transfer_curve curve;
  float *planes;
};

decoder *decoder_new(int width, enum sample_kind kind, int top_code, const float *table, const transfer_curve *curve) {
  decoder *made = calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  *made = (decoder){.width = width, .kind = kind, .top_code = top_code};
  if (curve != NULL) made->curve = *curve;
  if (table == NULL) return made;
  const size_t length = kind == CODES ? (size_t)top_code + 1 : CODE_STEPS + 2;
  made->planes = malloc((size_t)width * 3 * sizeof *made->planes);
  made->table = malloc(length * sizeof *made->table);
  if (made->planes == NULL || made->table == NULL) {
    decoder_free(made);
    return NULL;
  }
  memcpy(made->table, table, length * sizeof *table);
  return made;
}

void decoder_free(decoder *one) {
  if (one == NULL) return;
  free(one->table);
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

/* Straight lines between 65,536 code values; the exact function for what lies outside 0..1, NaN included. */
static void of_floats(const decoder *one, const float *codes, float *plane) {
  const float *table = one->table;
  for (int x = 0; x < one->width; x++) {
    const double code = (double)codes[x];
    if (code >= 0 && code <= 1) {
      const double at = code * CODE_STEPS;
      const int step = (int)at;
      const double low = (double)table[step];
      plane[x] = (float)(low + ((double)table[step + 1] - low) * (at - step));
    } else {
      plane[x] = (float)exact(&one->curve, code);
    }
  }
}

void decoder_row(decoder *one, const sample_row *samples, int channels, const float *planes[3]) {
  const void *rows[3] = {samples->red, samples->green, samples->blue};
  for (int channel = 0; channel < channels; channel++) {
    if (one->table == NULL) {
      planes[channel] = rows[channel];
      continue;
    }
    float *plane = one->planes + (size_t)channel * (size_t)one->width;
    if (one->kind == CODES) of_codes(one, rows[channel], plane);
    else of_floats(one, rows[channel], plane);
    planes[channel] = plane;
  }
}
