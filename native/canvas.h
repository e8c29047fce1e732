#ifndef CANVAS_H
#define CANVAS_H

/* Writes code values 0..1 that come row by row, from the top down, into a canvas of 8 bits. */

#include <stddef.h>
#include <stdint.h>

enum canvas_format { RGB8 = 0, YUV420P = 1 };

typedef struct {
  int width;
  int height;
} canvas_size;

/* Where the picture lies in its canvas. */
typedef struct {
  int x;
  int y;
  int width;
  int height;
} canvas_box;

typedef struct canvas canvas;

/* The box must lie in the canvas; for YUV420P all its numbers, and the size, must be even. NULL where memory is out. */
canvas *canvas_new(enum canvas_format format, canvas_size size, canvas_box box);
void canvas_free(canvas *);

/* Rows 0..box.height - 1, planar. */
void canvas_put(canvas *, const float *shown, int index);

/* The whole canvas, once all rows were put. */
const uint8_t *canvas_bytes(const canvas *, size_t *length);

#endif
