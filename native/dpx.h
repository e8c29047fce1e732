#ifndef DPX_H
#define DPX_H

#include "library.h"
#include "reader.h"

/* Where the rows of an image element are, and how their samples are stored. All fields are of one width, for callers. */
typedef struct {
  int64_t offset;    /* of the first row */
  int64_t row_bytes; /* from one row to the next */
  int64_t width;
  int64_t height;
  int64_t bits;    /* 8, 10, 12 or 16 */
  int64_t filling; /* 0 packed without gaps, 1 filled with the padding in the low bits (method A), 2 in the high bits (B) */
  int64_t is_little_endian;
  int64_t channels;  /* samples of a pixel */
  int64_t places[3]; /* of red, green and blue among them */
  int64_t low;       /* code of black */
  int64_t high;      /* code of white */
} dpx_layout;

/* NULL where it fails: `outcome` and `problem` (PROBLEM_BYTES long) say why. */
EXPORTED reader *dpx_open(const char *path, const dpx_layout *layout, int *outcome, char *problem);

#endif
