#include "turn.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The walk through the stored picture that gives the upright one: from `origin`, `right` a column, `down` a row. */
struct turner {
  int width;
  int height;
  int upright_width;
  int upright_height;
  ptrdiff_t origin;
  ptrdiff_t right;
  ptrdiff_t down;
  float *planes;
  float *row;
};

/* Where the upright picture's first row and column stand in the stored one. */
static void set_walk(turner *one, int orientation) {
  const ptrdiff_t width = one->width;
  const ptrdiff_t end_of_row = width - 1;
  const ptrdiff_t last_row = width * (one->height - 1);
  const ptrdiff_t walks[][3] = {
      {0, 1, width},                       /* 1 */
      {end_of_row, -1, width},             /* 2 */
      {last_row + end_of_row, -1, -width}, /* 3 */
      {last_row, 1, -width},               /* 4 */
      {0, width, 1},                       /* 5 */
      {last_row, -width, 1},               /* 6 */
      {last_row + end_of_row, -width, -1}, /* 7 */
      {end_of_row, width, -1},             /* 8 */
  };
  const int at = orientation >= 1 && orientation <= 8 ? orientation - 1 : 0;
  one->origin = walks[at][0];
  one->right = walks[at][1];
  one->down = walks[at][2];
  one->upright_width = at >= 4 ? one->height : one->width;
  one->upright_height = at >= 4 ? one->width : one->height;
}

turner *turner_new(int orientation, int width, int height) {
  turner *made = calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  *made = (turner){.width = width, .height = height};
  set_walk(made, orientation);
  made->planes = calloc((size_t)width * (size_t)height * 3, sizeof *made->planes);
  made->row = calloc((size_t)made->upright_width * 3, sizeof *made->row);
  if (made->planes != NULL && made->row != NULL) return made;
  turner_free(made);
  return NULL;
}

void turner_free(turner *one) {
  if (one == NULL) return;
  free(one->planes);
  free(one->row);
  free(one);
}

void turner_put(turner *one, const float *row, int index) {
  const size_t width = (size_t)one->width;
  const size_t plane = width * (size_t)one->height;
  for (size_t channel = 0; channel < 3; channel++) {
    memcpy(one->planes + channel * plane + (size_t)index * width, row + channel * width, width * sizeof *row);
  }
}

void turner_give(turner *one, take_row take, void *state) {
  const size_t plane = (size_t)one->width * (size_t)one->height;
  for (int y = 0; y < one->upright_height; y++) {
    for (int channel = 0; channel < 3; channel++) {
      const float *from = one->planes + (size_t)channel * plane + one->origin + y * one->down;
      float *to = one->row + (size_t)channel * (size_t)one->upright_width;
      for (int x = 0; x < one->upright_width; x++) to[x] = from[x * one->right];
    }
    take(state, one->row, y);
  }
}
