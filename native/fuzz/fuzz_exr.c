/* Reads changed EXRs: their colours, luminance with chroma, and one channel. */

#include "../exr.h"
#include "fuzz.h"

static int is_read(const char *path, const char *const channels[3], const double *weights) {
  char problem[PROBLEM_BYTES];
  int outcome = OK;
  return all_rows(exr_open(path, 0, channels[0], channels[1], channels[2], weights, &outcome, problem));
}

int read_changed(const char *path) {
  static const char *const rgb[3] = {"R", "G", "B"}, *const chroma[3] = {"Y", "RY", "BY"}, *const depth[3] = {"Z", "Z", "Z"};
  static const double weights[3] = {0.2126, 0.7152, 0.0722};
  return is_read(path, rgb, NULL) + is_read(path, chroma, weights) + is_read(path, depth, NULL);
}
