#include "canvas.h"

#include <stdlib.h>
#include <string.h>

#include "library.h"

struct canvas {
  enum canvas_format format;
  canvas_size size;
  canvas_box box;
  uint8_t *bytes;
  size_t length;
  /* Of YUV420P: Cb, then Cr of every other column of the last four rows. */
  float *colours[4];
};

/* Codes of black, of the steps up to white, of colourless and of the steps from one full colour to the other. */
#define BLACK 16
#define LUMA_STEPS 219
#define GREY 128
#define CHROMA_STEPS 224

/* Weights in luma (BT.709). */
#define RED 0.2126f
#define BLUE 0.0722f
#define GREEN 0.7152f

/* A quarter, for the four that were added up across. */
#define TO_CB (0.25f / (2 * (1 - BLUE)))
#define TO_CR (0.25f / (2 * (1 - RED)))

canvas *canvas_new(enum canvas_format format, canvas_size size, canvas_box box) {
  canvas *made = calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  const size_t pixels = (size_t)size.width * (size_t)size.height;
  *made = (canvas){.format = format, .size = size, .box = box, .length = format == RGB8 ? 3 * pixels : pixels * 3 / 2};
  made->bytes = calloc(made->length, 1);
  int has_room = made->bytes != NULL;
  for (int at = 0; has_room && format == YUV420P && at < 4; at++) {
    made->colours[at] = malloc((size_t)box.width * sizeof(float));
    has_room = made->colours[at] != NULL;
  }
  if (!has_room) {
    canvas_free(made);
    return NULL;
  }
  if (format == YUV420P) {
    memset(made->bytes, BLACK, pixels);
    memset(made->bytes + pixels, GREY, made->length - pixels);
  }
  return made;
}

void canvas_free(canvas *one) {
  if (one == NULL) return;
  for (int at = 0; at < 4; at++) free(one->colours[at]);
  free(one->bytes);
  free(one);
}

/* Rounds halves up, as oiiotool does. */
static void rgb_row(const float *restrict shown, uint8_t *restrict rgb, int width) {
  for (int x = 0; x < width; x++) {
    for (int channel = 0; channel < 3; channel++) {
      rgb[3 * x + channel] = (uint8_t)(int)(shown[channel * width + x] * 255 + 0.5f);
    }
  }
}

WIDE static void luma_row(const float *restrict red, uint8_t *restrict luma, int width) {
  const float *green = red + width;
  const float *blue = green + width;
  for (int x = 0; x < width; x++) {
    const float light = RED * red[x] + GREEN * green[x] + BLUE * blue[x];
    luma[x] = (uint8_t)(int)(LUMA_STEPS * light + (BLACK + 0.5f));
  }
}

/* 1 2 1 across, on every other column. */
static inline float across(const float *row, int left, int x) { return row[left] + 2 * row[x] + row[x + 1]; }

static inline void colour_at(const float *red, float *colours, int width, int left, int x) {
  const float r = across(red, left, x);
  const float g = across(red + width, left, x);
  const float b = across(red + 2 * width, left, x);
  const float luma = RED * r + GREEN * g + BLUE * b;
  colours[x / 2] = (b - luma) * TO_CB;
  colours[width / 2 + x / 2] = (r - luma) * TO_CR;
}

/* Cb, then Cr of every other column, between -0.5 and 0.5. */
WIDE static void colour_row(const float *restrict red, float *restrict colours, int width) {
  colour_at(red, colours, width, 0, 0);
  for (int half = 1; half < width / 2; half++) colour_at(red, colours, width, 2 * half - 1, 2 * half);
}

/* 1 3 3 1 down. */
WIDE static void mix_rows(const float *const rows[4], int from, uint8_t *restrict chroma, int length) {
  const float *a = rows[0] + from;
  const float *b = rows[1] + from;
  const float *c = rows[2] + from;
  const float *d = rows[3] + from;
  for (int x = 0; x < length; x++) {
    const float colour = a[x] + 3 * (b[x] + c[x]) + d[x];
    chroma[x] = (uint8_t)(int)((CHROMA_STEPS / 8) * colour + (GREY + 0.5f));
  }
}

/*
 * BT.709, limited range; chroma on the left column of its pair and between its two rows, filtered with the triangle that
 * zscale has for it. At the border of the box the picture's own edge goes on: bars stay black, the picture takes nothing of
 * them.
 */
static void chroma_row(canvas *one, int pair) {
  const float *rows[4];
  for (int at = 0; at < 4; at++) {
    const int wanted = 2 * pair - 1 + at;
    const int y = wanted < 0 ? 0 : wanted > one->box.height - 1 ? one->box.height - 1 : wanted;
    rows[at] = one->colours[y % 4];
  }
  const size_t luma = (size_t)one->size.width * (size_t)one->size.height;
  const size_t row = (size_t)(one->box.y / 2 + pair) * (size_t)(one->size.width / 2);
  uint8_t *cb = one->bytes + luma + row + one->box.x / 2;
  const int half = one->box.width / 2;
  mix_rows(rows, 0, cb, half);
  mix_rows(rows, half, cb + luma / 4, half);
}

void canvas_put(canvas *one, const float *shown, int index) {
  const size_t at = (size_t)(one->box.y + index) * (size_t)one->size.width + (size_t)one->box.x;
  if (one->format == RGB8) {
    rgb_row(shown, one->bytes + 3 * at, one->box.width);
    return;
  }
  luma_row(shown, one->bytes + at, one->box.width);
  colour_row(shown, one->colours[index % 4], one->box.width);
  if (index >= 2 && index % 2 == 0) chroma_row(one, index / 2 - 1);
  if (index == one->box.height - 1) chroma_row(one, (index - 1) / 2);
}

const uint8_t *canvas_bytes(const canvas *one, size_t *length) {
  *length = one->length;
  return one->bytes;
}
