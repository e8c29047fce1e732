#ifndef BLACKNESS_H
#define BLACKNESS_H

#include <math.h>

/* Looks for the first pixel that is not black, and meanwhile at the light that became black. */

typedef struct {
  int has_bright_pixel;
  double largest[3];
  double sum[3];
} blackness;

/* `light` and `shown` are a row of the main output. */
static inline void blackness_look(blackness *one, const float *light, const float *shown, int width) {
  /* Brightest that 8 bits show as black; oiiotool's 16-bit intermediate has the same bound. */
  const double black_max = 128.5 / 65535;
  if (one->has_bright_pixel) return;
  for (int x = 0; x < 3 * width; x++) {
    if (!((double)shown[x] < black_max)) one->has_bright_pixel = 1;
  }
  for (int x = 0; x < 3 * width; x++) {
    const int channel = x / width;
    const double value = (double)light[x];
    if (value > one->largest[channel] || isnan(value)) one->largest[channel] = value;
    one->sum[channel] += value;
  }
}

#endif
