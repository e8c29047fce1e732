#include "output.h"

#include <stdlib.h>
#include <string.h>

#include "canvas.h"
#include "highlights.h"
#include "turn.h"

struct output {
  working *work;
  int is_smaller;
  int width;
  resizer *resizer;
  turner *turner; /* NULL for an upright picture */
  canvas *canvas;
  look look;
  line *lines;
  float *lattice;
  /* Rows: working light, code values, what the look multiplied, and, for smaller outputs, compressed highlights. */
  float *light;
  float *shown;
  float *room;
  float *compressed;
  output *smaller[MOST_SMALLER];
  int smaller_count;
  blackness black;
};

/* Working light with its highlights taken down, for whatever is made of it. */
static void feed(output *one, const float *light, int index) {
  const size_t width = (size_t)one->width;
  const float *row = light;
  if (one->work->highlights != NULL) {
    highlights_compress(one->work->highlights, light, one->compressed, 3 * one->width);
    row = one->compressed;
  }
  const float *const planes[3] = {row, row + width, row + 2 * width};
  for (int at = 0; at < one->smaller_count; at++) {
    if (output_push(one->smaller[at], planes, index) < 0) one->work->is_out_of_memory = 1;
  }
}

static void take_upright(void *state, const float *row, int index) {
  output *one = state;
  const float *light = row;
  if (one->is_smaller && one->work->highlights != NULL) {
    memcpy(one->light, row, (size_t)one->width * 3 * sizeof *row);
    highlights_expand(one->light, 3 * one->width);
    light = one->light;
  } else if (!one->is_smaller && one->work->has_matrix) {
    matrix_row(one->work->to_working, row, one->light, one->width);
    light = one->light;
  }
  if (one->smaller_count > 0) feed(one, light, index);
  look_show(&one->look, light, one->shown, one->room, one->width);
  blackness_look(&one->black, light, one->shown, one->width);
  canvas_put(one->canvas, one->shown, index);
}

static void take_stored(void *state, const float *row, int index) {
  output *one = state;
  turner_put(one->turner, row, index);
}

static int make_parts(output *made, const int32_t *numbers, taps *columns, taps *rows, int channels) {
  const canvas_size size = {numbers[CANVAS_WIDTH], numbers[CANVAS_HEIGHT]};
  const canvas_box box = {numbers[BOX_X], numbers[BOX_Y], numbers[BOX_WIDTH], numbers[BOX_HEIGHT]};
  const int is_turned = numbers[ORIENTATION] > 1 && !made->is_smaller;
  if (is_turned) made->turner = turner_new(numbers[ORIENTATION], columns->outputs, rows->outputs);
  made->resizer = resizer_new(columns, rows, channels, is_turned ? take_stored : take_upright, made);
  made->canvas = canvas_new(numbers[FORMAT] == YUV420P ? YUV420P : RGB8, size, box);
  float **room[] = {&made->light, &made->shown, &made->room, &made->compressed};
  int has_room = made->resizer != NULL && made->canvas != NULL && (!is_turned || made->turner != NULL);
  for (size_t at = 0; at < sizeof room / sizeof *room; at++) {
    *room[at] = calloc((size_t)made->width * 3, sizeof(float));
    has_room = has_room && *room[at] != NULL;
  }
  return has_room;
}

output *output_new(working *work, const int32_t *numbers, int channels, taps *columns, taps *rows) {
  output *made = calloc(1, sizeof *made);
  if (made == NULL) {
    taps_free(columns);
    taps_free(rows);
    return NULL;
  }
  *made = (output){.work = work, .is_smaller = numbers[IS_SMALLER], .width = numbers[BOX_WIDTH]};
  if (make_parts(made, numbers, columns, rows, channels)) return made;
  output_free(made);
  return NULL;
}

void output_free(output *one) {
  if (one == NULL) return;
  resizer_free(one->resizer);
  turner_free(one->turner);
  canvas_free(one->canvas);
  free(one->lines);
  free(one->lattice);
  free(one->light);
  free(one->shown);
  free(one->room);
  free(one->compressed);
  free(one);
}

int output_set_look(output *one, const int32_t *numbers, const double *matrix, const float *lines,
                    const float *lattice) {
  const size_t edge = (size_t)numbers[EDGE];
  const size_t points = edge * edge * edge;
  one->lines = malloc(LINES * sizeof *one->lines);
  one->lattice = malloc((points + 1) * LATTICE_FLOATS * sizeof *one->lattice);
  if (one->lines == NULL || one->lattice == NULL) return 0;
  memcpy(one->lines, lines, LINES * sizeof *one->lines);
  for (size_t point = 0; point < points; point++) {
    float *to = one->lattice + point * LATTICE_FLOATS;
    memcpy(to, lattice + point * 3, 3 * sizeof *lattice);
    to[3] = 0;
  }
  one->look = (look){.has_matrix = matrix != NULL, .lines = one->lines, .edge = numbers[EDGE], .lattice = one->lattice};
  if (matrix != NULL) memcpy(one->look.matrix, matrix, sizeof one->look.matrix);
  return 1;
}

int output_feed(output *one, output *smaller) {
  if (one->smaller_count == MOST_SMALLER) return 0;
  one->smaller[one->smaller_count++] = smaller;
  return 1;
}

const taps *output_columns(const output *one) { return resizer_columns(one->resizer); }
const taps *output_rows(const output *one) { return resizer_rows(one->resizer); }
int output_is_smaller(const output *one) { return one->is_smaller; }
const blackness *output_blackness(const output *one) { return &one->black; }

int output_push(output *one, const float *const planes[3], int index) {
  return resizer_push(one->resizer, planes, index);
}

void output_end(output *one) {
  resizer_end(one->resizer);
  if (one->turner != NULL) turner_give(one->turner, take_upright, one);
}

const uint8_t *output_bytes(const output *one, size_t *length) { return canvas_bytes(one->canvas, length); }
