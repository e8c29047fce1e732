/* The reader of EXR: planes become rows of red, green and blue, as wide as the data window. */

#include "exr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exr_chroma.h"
#include "exr_planes.h"

typedef struct {
  reader of;
  exr_file file;
  exr_chroma *chroma;  /* of luminance and chroma alone */
  float *wide[MOST_PLANES]; /* rows of subsampled planes, repeated to full width */
} exr_reader;

typedef struct {
  exr_reader *exr;
  int first;
  put_row put;
  void *state;
} row_order;

/* Each sample of a subsampled plane stands for the pixels up to the next, in rows without samples too. */
static const float *full_row(exr_reader *exr, int index, const float *samples) {
  const exr_plane *plane = &exr->file.planes[index];
  float *wide = exr->wide[index];
  if (wide == NULL) return samples;
  if (samples != NULL)
    for (int column = 0; column < exr->of.width; column++) wide[column] = samples[column / plane->x_sampling];
  return wide;
}

static int put_full_row(void *state, int row, const float *const planes[MOST_PLANES]) {
  const row_order *order = state;
  const float *full[MOST_PLANES];
  const int *plane_of = order->exr->file.plane_of_channel;
  for (int plane = 0; plane < order->exr->file.plane_count; plane++) full[plane] = full_row(order->exr, plane, planes[plane]);
  if (row < order->first) return 0;
  const sample_row samples = {full[plane_of[0]], full[plane_of[1]], full[plane_of[2]]};
  return order->put(order->state, row, &samples);
}

static enum outcome read_exr_rows(reader *of, int first, int last, put_row put, void *state) {
  exr_reader *exr = (exr_reader *)of;
  row_order order = {exr, first, put, state};
  int step = 1;
  if (exr->chroma != NULL) return read_chroma(exr->chroma, &exr->file, first, last, put, state);
  for (int plane = 0; plane < exr->file.plane_count; plane++)
    if (exr->file.planes[plane].y_sampling > step) step = exr->file.planes[plane].y_sampling;
  return read_planes(&exr->file, first - step + 1, last, put_full_row, &order);
}

static void close_exr_reader(reader *of) {
  exr_reader *exr = (exr_reader *)of;
  for (int plane = 0; plane < MOST_PLANES; plane++) free(exr->wide[plane]);
  free_chroma(exr->chroma);
  close_exr(&exr->file);
  free(exr);
}

static int make_wide_rows(exr_reader *exr) {
  for (int plane = 0; plane < exr->file.plane_count; plane++) {
    if (exr->file.planes[plane].x_sampling == 1 && exr->file.planes[plane].y_sampling == 1) continue;
    exr->wide[plane] = calloc((size_t)exr->of.width, sizeof(float));
    if (exr->wide[plane] == NULL) return 0;
  }
  return 1;
}

reader *exr_open(const char *path, int part, const char *red, const char *green, const char *blue, const double *weights,
                 int *outcome, char *problem) {
  const char *const names[3] = {red, green, blue};
  exr_reader *exr = calloc(1, sizeof *exr);
  *outcome = OUT_OF_MEMORY;
  snprintf(problem, PROBLEM_BYTES, "There is no memory to read the EXR with.");
  if (exr == NULL) return NULL;
  exr->file.file.descriptor = -1;
  *outcome = (int)open_exr(&exr->file, path, part, names, exr->of.problem);
  if (*outcome == OK) {
    exr->of.width = exr->file.width;
    exr->of.height = exr->file.height;
    exr->of.kind = FLOATS;
    exr->of.read_rows = read_exr_rows;
    exr->of.close = close_exr_reader;
    if (weights == NULL)
      *outcome = make_wide_rows(exr) ? OK : OUT_OF_MEMORY;
    else
      *outcome = (int)new_chroma(&exr->chroma, &exr->file, weights);
    if (*outcome == OK) return &exr->of;
  }
  snprintf(problem, PROBLEM_BYTES, "%s", exr->of.problem[0] == 0 ? "The EXR cannot be read." : exr->of.problem);
  close_exr_reader(&exr->of);
  return NULL;
}
