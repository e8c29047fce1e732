#ifndef TIFF_H
#define TIFF_H

#include "library.h"
#include "reader.h"

/* What of a TIFF is shown, as its header says. All fields are of one width, for callers. */
typedef struct {
  int64_t part; /* number of the directory in the main chain */
  int64_t width;
  int64_t height;
  int64_t samples;   /* of a pixel in the file */
  int64_t places[3]; /* of red, green and blue among them; among R, G, B where they are converted to those */
  int64_t alpha;     /* place of the alpha that colours are to be multiplied by; -1 for none */
} tiff_order;

/* NULL where it fails: `outcome` and `problem` (PROBLEM_BYTES long) say why. */
EXPORTED reader *tiff_open(const char *path, const tiff_order *order, int *outcome, char *problem);

#endif
