/* Loops that are compiled for each kind of sample and number of samples, since both decide how they are vectorised. */

#include "spread.h"

#include "library.h"

typedef uint16_t __attribute__((aligned(1))) unaligned_short;

#define AS_IT_IS(code) (code)
#define SWAPPED(code) (__builtin_bswap16(code))
#define HIGH_12(code) ((uint16_t)((code) >> 4))
#define LOW_12(code) ((uint16_t)((code) & 4095))
#define SWAPPED_HIGH_12(code) (HIGH_12(SWAPPED(code)))
#define SWAPPED_LOW_12(code) (LOW_12(SWAPPED(code)))

#define SPREAD_RGB(name, type, step, read)                                                                             \
  WIDE static void name(const void *row, int width, const int64_t places[3], uint16_t *const planes[3]) {              \
    const type *red = (const type *)row + places[0];                                                                   \
    const type *green = (const type *)row + places[1];                                                                 \
    const type *blue = (const type *)row + places[2];                                                                  \
    uint16_t *restrict r = planes[0], *restrict g = planes[1], *restrict b = planes[2];                                \
    for (int x = 0; x < width; x++) {                                                                                  \
      r[x] = read(red[(size_t)x * (step)]);                                                                            \
      g[x] = read(green[(size_t)x * (step)]);                                                                          \
      b[x] = read(blue[(size_t)x * (step)]);                                                                           \
    }                                                                                                                  \
  }

#define SPREAD_ONE(name, type, read)                                                                                   \
  WIDE static void name(const void *row, int width, size_t step, uint16_t *restrict plane) {                           \
    const type *codes = (const type *)row;                                                                             \
    for (int x = 0; x < width; x++) plane[x] = read(codes[(size_t)x * step]);                                          \
  }

#define SPREADS(name, type, read)                                                                                      \
  SPREAD_RGB(name##_of_3, type, 3, read)                                                                               \
  SPREAD_RGB(name##_of_4, type, 4, read)                                                                               \
  SPREAD_ONE(name##_one, type, read)

SPREADS(bytes, uint8_t, AS_IT_IS)
SPREADS(shorts, unaligned_short, AS_IT_IS)
SPREADS(swapped, unaligned_short, SWAPPED)
SPREADS(high_12, unaligned_short, HIGH_12)
SPREADS(swapped_high_12, unaligned_short, SWAPPED_HIGH_12)
SPREADS(low_12, unaligned_short, LOW_12)
SPREADS(swapped_low_12, unaligned_short, SWAPPED_LOW_12)

/* In the order of enum stored_sample. */
static const spread_rgb OF_RGB[7][2] = {
    {bytes_of_3, bytes_of_4},
    {shorts_of_3, shorts_of_4},
    {swapped_of_3, swapped_of_4},
    {high_12_of_3, high_12_of_4},
    {swapped_high_12_of_3, swapped_high_12_of_4},
    {low_12_of_3, low_12_of_4},
    {swapped_low_12_of_3, swapped_low_12_of_4},
};

static void (*const OF_ONE[7])(const void *, int, size_t, uint16_t *restrict) = {
    bytes_one, shorts_one, swapped_one, high_12_one, swapped_high_12_one, low_12_one, swapped_low_12_one,
};

spread_rgb spread_rgb_of(enum stored_sample stored, int64_t samples) {
  return samples == 3 || samples == 4 ? OF_RGB[stored][samples - 3] : NULL;
}

void spread_one(const void *row, int width, size_t step, enum stored_sample stored, uint16_t *plane) {
  OF_ONE[stored](row, width, step, plane);
}
