/* The careful way, for rows that hold NaN or infinities. */

#include "holes.h"

#include <math.h>
#include <stdlib.h>

/* Where no more weight is left, roundings would show if it were made whole again. */
#define TOO_LITTLE 1e-3

struct holes {
  const taps *columns;
  int span;
  int channels;
  float *samples;
  float *lost;
  double *left; /* of one resized plane */
};

holes *holes_new(const taps *columns, int span, int channels) {
  holes *made = calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  *made = (holes){.columns = columns, .span = span, .channels = channels};
  const size_t length = (size_t)span * (size_t)channels;
  made->samples = malloc(length * sizeof *made->samples);
  made->lost = malloc(length * sizeof *made->lost);
  made->left = malloc((size_t)columns->outputs * sizeof *made->left);
  if (made->samples != NULL && made->lost != NULL && made->left != NULL) return made;
  holes_free(made);
  return NULL;
}

void holes_free(holes *one) {
  if (one == NULL) return;
  free(one->samples);
  free(one->lost);
  free(one->left);
  free(one);
}

const float *holes_cut(holes *one, const float *planes[3]) {
  for (int channel = 0; channel < one->channels; channel++) {
    float *samples = one->samples + (size_t)channel * (size_t)one->span;
    float *lost = one->lost + (size_t)channel * (size_t)one->span;
    for (int x = 0; x < one->span; x++) {
      const int is_hole = !isfinite(planes[channel][x]);
      samples[x] = is_hole ? 0 : planes[channel][x];
      lost[x] = is_hole ? 1 : 0;
    }
    planes[channel] = samples;
  }
  return one->lost;
}

/* The weight that each resized column still has. */
static void weigh(holes *one, const double *missing) {
  const taps *columns = one->columns;
  for (int x = 0; x < columns->outputs; x++) {
    const double *at = missing + columns->starts[x] - columns->first;
    double lost = 0;
    for (int tap = 0; tap < columns->count; tap++) lost += at[tap] * (double)columns->weights[x * columns->stride + tap];
    one->left[x] = 1 - lost;
  }
}

/* The mean of what is known around a hole: samples to the left are repaired already. */
static float stand_in(const holes *one, const float *plane, const float *above, int x) {
  const int end = one->columns->outputs - 1;
  double sum = 0;
  int known = 0;
  for (int near = x > 0 ? x - 1 : 0; above != NULL && near <= (x < end ? x + 1 : end); near++, known++) {
    sum += (double)above[near];
  }
  if (x > 0) {
    sum += (double)plane[x - 1];
    known++;
  }
  if (x < end && one->left[x + 1] > TOO_LITTLE) {
    sum += (double)plane[x + 1];
    known++;
  }
  return known == 0 ? 0 : (float)(sum / known);
}

void holes_repair(holes *one, float *plane, const float *above, const double *missing) {
  const int width = one->columns->outputs;
  weigh(one, missing);
  for (int x = 0; x < width; x++) {
    if (one->left[x] > TOO_LITTLE) plane[x] = (float)((double)plane[x] / one->left[x]);
  }
  for (int x = 0; x < width; x++) {
    if (one->left[x] <= TOO_LITTLE) plane[x] = stand_in(one, plane, above, x);
  }
}
