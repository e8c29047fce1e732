#ifndef TIFF_ROWS_H
#define TIFF_ROWS_H

/* Rows of one directory of a TIFF, decoded by libtiff, as they are stored: strips, tiles and planes are gone. */

#include <stddef.h>
#include <tiffio.h>

#include "reader.h"
#include "source_file.h"

/* What libtiff is given in place of a file, and what went wrong in it. */
typedef struct {
  const source_file *file;
  int64_t position;
  enum outcome trouble; /* of the file; OK where libtiff alone complains */
  char *problem;
} tiff_client;

/* What a directory says, as libtiff reads it. */
typedef struct {
  uint32_t width;
  uint32_t height;
  uint16_t bits;
  uint16_t samples;
  uint16_t format;
  uint16_t compression;
  uint16_t photometric;
  uint16_t fill_order;
  int is_separate; /* a plane for each sample */
  int is_tiled;
  int is_as_rgba;  /* libtiff converts it whole, to 8 bits of R, G, B, A */
} tiff_shape;

/* The rows of all samples of a pixel, or of one plane. */
typedef struct tiff_rows tiff_rows;
struct tiff_rows {
  TIFF *tif;
  tiff_client client;
  tiff_shape shape;
  uint16_t plane;   /* number of the plane; 0 where all samples stand together */
  size_t row_bytes; /* of one row in `bytes` */
  size_t sample_bytes; /* that are swapped as one, where the file is read without libtiff */
  uint8_t *bytes;   /* rows `first` to `first + count - 1` */
  size_t room;
  int first;
  int count;
  uint8_t *tile;    /* one, decoded */
  uint8_t *raw;     /* one as it is stored, where libtiff needs a buffer of its exact size */
  uint32_t tile_width;
  uint32_t tile_height;
  uint32_t rows_per_strip;
  int next_row;     /* that libtiff decodes row by row; -1 where it has to begin anew */
  enum outcome (*fill)(tiff_rows *, int row);
};

/* Opens the directory `part`; all that is not OK leaves its sentence in `problem`. Close it in either case. */
enum outcome open_tiff_rows(tiff_rows *rows, const source_file *file, int part, char problem[PROBLEM_BYTES]);

/* Makes ready to read; `share` is how many such readers there are, which share the memory. */
enum outcome start_tiff_rows(tiff_rows *rows, uint16_t plane, int share);

/* The bytes of a row, valid until the next call. Rows are read best from the top down. */
enum outcome tiff_row(tiff_rows *rows, int row, const uint8_t **bytes);

void close_tiff_rows(tiff_rows *rows);

#endif
