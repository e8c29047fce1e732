#ifndef SPREAD_H
#define SPREAD_H

/* From samples that stand pixel by pixel to planes of codes. */

#include <stddef.h>
#include <stdint.h>

/* How a sample is stored, and what becomes of it. The other order is that of a machine unlike this one. */
enum stored_sample {
  BYTES = 0,
  SHORTS = 1,
  SHORTS_SWAPPED = 2,        /* in the other order */
  HIGH_12_OF_SHORTS = 3,     /* 12 bits, with padding in the low bits of 16 */
  HIGH_12_OF_SWAPPED = 4,
  LOW_12_OF_SHORTS = 5,      /* 12 bits, with padding in the high bits of 16 */
  LOW_12_OF_SWAPPED = 6
};

/* Three samples of each pixel at once, at these places in it. The row may begin at any byte. */
typedef void (*spread_rgb)(const void *row, int width, const int64_t places[3], uint16_t *const planes[3]);

/* For pixels of so many samples; NULL where there is no loop for it: only pixels of 3 and 4 have their own. */
spread_rgb spread_rgb_of(enum stored_sample stored, int64_t samples);

/* One sample of each pixel: the first stands at `row`, the others `step` samples apart. */
void spread_one(const void *row, int width, size_t step, enum stored_sample stored, uint16_t *plane);

#endif
