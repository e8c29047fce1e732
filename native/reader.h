#ifndef READER_H
#define READER_H

/*
 * What every reader of samples promises, and what the pixels are made from: rows of the shown channels, from the top down.
 * A reader holds a few rows, or one row of tiles, never a whole picture. It is used by one thread at a time.
 */

#include <stdint.h>

/* How a call ended. Everything but OK leaves a sentence in the reader's `problem`: what is wrong, without a path. */
enum outcome {
  OK = 0,
  DAMAGED = 1,        /* picture/damaged */
  UNSUPPORTED = 2,    /* picture/unsupported */
  OVER_LIMIT = 3,     /* picture/over-limit */
  NO_CHANNELS = 4,    /* picture/no-displayable-channels */
  GONE = 5,           /* source/gone */
  DENIED = 6,         /* store/denied */
  READ_FAILED = 7,    /* store/failed: trouble of the disk, which may pass */
  OUT_OF_MEMORY = 8,  /* tool/out-of-memory */
  REFUSED_BY_SINK = 9 /* what `put` answered other than 0 */
};

#define PROBLEM_BYTES 256

/* What the samples of a row are. */
enum sample_kind {
  FLOATS = 0, /* float: values as the file has them, NaN and infinities too */
  CODES = 1   /* uint16_t: codes 0..top_code, where top_code stands for 1 */
};

/* One row of the shown picture, as long as the data window is wide. Grey is the same pointer three times. */
typedef struct {
  const void *red;
  const void *green;
  const void *blue;
} sample_row;

/* Takes row `row`, counted from 0 at the top of the data window; its samples are valid until it returns. 0 to go on. */
typedef int (*put_row)(void *state, int row, const sample_row *samples);

typedef struct reader reader;
struct reader {
  int width;  /* columns of the data window */
  int height; /* rows of the data window */
  enum sample_kind kind;
  int top_code; /* of CODES, 1..65535 */
  /* Gives rows first..last, both inclusive, each once, from the top down, whatever order the file keeps them in. */
  enum outcome (*read_rows)(reader *, int first, int last, put_row put, void *state);
  void (*close)(reader *);
  char problem[PROBLEM_BYTES];
};

#endif
