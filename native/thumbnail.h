#ifndef THUMBNAIL_H
#define THUMBNAIL_H

/* Thumbnails as the cells of a sheet: decoded by libjpeg-turbo, resized by the filter of every picture. */

#include <stdint.h>

#include "library.h"

/* Places of the numbers that thumbnail_draw is told. */
enum thumbnail_number {
  THUMBNAIL_WIDTH,
  THUMBNAIL_HEIGHT,
  PICTURE_X, /* where in the thumbnail its picture is, without bars */
  PICTURE_Y,
  PICTURE_WIDTH,
  PICTURE_HEIGHT,
  SHEET_WIDTH, /* pixels of the sheet, and where in it the picture begins */
  SHEET_X,
  SHEET_Y,
};

/* What thumbnail_draw answers where it drew nothing; otherwise the greatest code value that it drew, 0..255. */
enum drawing { NO_THUMBNAIL = -1, DRAWING_OUT_OF_MEMORY = -2 };

/*
 * Draws the picture of a JPEG into a sheet of red, green and blue in 8 bits, which has room for it: the axes as resize.h has
 * them, of the picture alone. Code values stay what they are. Draws nothing of what is not a whole baseline JPEG of three
 * components and this size: no other is a thumbnail of ours.
 */
EXPORTED int thumbnail_draw(const uint8_t *jpeg, int bytes, const int32_t *numbers, const int32_t *columns,
                            const float *column_weights, const int32_t *rows, const float *row_weights, uint8_t *sheet);

#endif
