#ifndef EXR_SPLIT_H
#define EXR_SPLIT_H

/*
 * How ZIP and RLE pack: bytes at even places stand before those at odd ones, and each is the difference from the one before
 * it. Undone here for one channel's row at a time: what is not shown is only added up.
 */

#include <stddef.h>
#include <stdint.h>

typedef struct {
  const uint8_t *even; /* next difference of either half */
  const uint8_t *odd;
  uint8_t even_value;  /* the byte before it */
  uint8_t odd_value;
} split_bytes;

/* Starts at the front of `count` differences, an even number. */
split_bytes split_start(const uint8_t *differences, size_t count);

/* Writes the next `count` bytes, an even number. */
void split_take(split_bytes *from, size_t count, uint8_t *into);

/* Passes over the next `count` bytes, an even number. */
void split_skip(split_bytes *from, size_t count);

/* Floats of halves that lie anywhere. */
void halves_to_floats(const uint8_t *halves, float *floats, size_t count);

#endif
