/* What a process that has no pixels of ours reads from a reader: blocks of rows, as floats. */

#include <stddef.h>

#include "library.h"
#include "reader.h"

EXPORTED int reader_width(const reader *);
EXPORTED int reader_height(const reader *);
EXPORTED int reader_top_code(const reader *);
EXPORTED const char *reader_problem(const reader *);
EXPORTED int reader_floats(reader *, int first, int last, float *samples, int *is_grey);
EXPORTED void reader_close(reader *);

int reader_width(const reader *of) { return of->width; }

int reader_height(const reader *of) { return of->height; }

/* Of codes what stands for 1; 0 for floats. */
int reader_top_code(const reader *of) { return of->kind == CODES ? of->top_code : 0; }

const char *reader_problem(const reader *of) { return of->problem; }

void reader_close(reader *of) { of->close(of); }

typedef struct {
  const reader *of;
  float *next;
  int *is_grey;
} float_block;

WIDE static void codes_as_floats(const uint16_t *codes, float *values, int count, double top) {
  for (int x = 0; x < count; x++) values[x] = (float)(codes[x] / top);
}

static void put_plane(const reader *of, const void *samples, float *to) {
  if (of->kind == CODES) {
    codes_as_floats(samples, to, of->width, of->top_code);
    return;
  }
  const float *values = samples;
  for (int x = 0; x < of->width; x++) to[x] = values[x];
}

static int put_floats(void *state, int row, const sample_row *samples) {
  float_block *block = state;
  size_t width = (size_t)block->of->width;
  (void)row;
  *block->is_grey = samples->red == samples->green && samples->green == samples->blue;
  put_plane(block->of, samples->red, block->next);
  if (!*block->is_grey) {
    put_plane(block->of, samples->green, block->next + width);
    put_plane(block->of, samples->blue, block->next + 2 * width);
  }
  block->next += 3 * width;
  return 0;
}

/*
 * Rows first..last, each as red, green and blue behind one another; of grey ones red alone is written, which is_grey says.
 * Codes become values from 0 to 1.
 */
int reader_floats(reader *of, int first, int last, float *samples, int *is_grey) {
  float_block block = {of, samples, is_grey};
  return (int)of->read_rows(of, first, last, put_floats, &block);
}
